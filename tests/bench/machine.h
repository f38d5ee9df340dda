// What a measurement was made on, for the reports: a machine by its properties, and the versions of what was measured.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace bench {

// {"cpus", "model", "memory_gib", "kernel", "system", "store"}; store: the kind of file system that /var/lib is on.
nlohmann::json describe_machine();

// {"footbridge", "reference"}; what cannot be found out is "unknown". `sides`: NAME=FOLDER[,BACKEND], as the drivers take
// them. The reference's executables do not know their version: that of the Debian package is taken which they were unpacked
// from, when FOLDER is its usr/lib/cni.
nlohmann::json versions(const std::vector<std::string>& sides);

}  // namespace bench
