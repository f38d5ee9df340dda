// libcni_client drives plugins through the real libcni, as containerd, CRI-O and cnitool do.
//
//	libcni_client add|check|del|validate -conf FILE -netns PATH -id ID [-ifname eth0] [-path DIR:DIR] [-cache DIR]
//	              [-args 'K=V;K=V'] [-capabilities JSON]
//
// add prints the result. Errors are told on stderr, exit code 1.
//
// Built with Debian 12's own packages: GO111MODULE=off GOPATH=/usr/share/gocode go build.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

func loadList(file string) (*libcni.NetworkConfigList, error) {
	if filepath.Ext(file) == ".conflist" {
		return libcni.ConfListFromFile(file)
	}
	conf, err := libcni.ConfFromFile(file)
	if err != nil {
		return nil, err
	}
	return libcni.ConfListFromConf(conf)
}

func parseArgs(text string) ([][2]string, error) {
	var args [][2]string
	if text == "" {
		return args, nil
	}
	for _, pair := range strings.Split(text, ";") {
		words := strings.SplitN(pair, "=", 2)
		if len(words) != 2 {
			return nil, fmt.Errorf("-args: %q is no KEY=VALUE", pair)
		}
		args = append(args, [2]string{words[0], words[1]})
	}
	return args, nil
}

func run(verb string, words []string) error {
	flags := flag.NewFlagSet(verb, flag.ExitOnError)
	conf := flags.String("conf", "", "file of the configuration")
	netns := flags.String("netns", "", "path of the network namespace")
	id := flags.String("id", "", "container id")
	ifname := flags.String("ifname", "eth0", "name of the interface inside")
	path := flags.String("path", os.Getenv("CNI_PATH"), "folders of plugins")
	cache := flags.String("cache", "", "folder of the cache, libcni's own when empty")
	args := flags.String("args", "", "CNI_ARGS")
	capabilities := flags.String("capabilities", "", "JSON object")
	if err := flags.Parse(words); err != nil {
		return err
	}

	list, err := loadList(*conf)
	if err != nil {
		return err
	}
	rt := &libcni.RuntimeConf{ContainerID: *id, NetNS: *netns, IfName: *ifname}
	if rt.Args, err = parseArgs(*args); err != nil {
		return err
	}
	if *capabilities != "" {
		if err := json.Unmarshal([]byte(*capabilities), &rt.CapabilityArgs); err != nil {
			return fmt.Errorf("-capabilities: %w", err)
		}
	}
	client := libcni.NewCNIConfigWithCacheDir(filepath.SplitList(*path), *cache, nil)

	ctx := context.Background()
	switch verb {
	case "add":
		result, err := client.AddNetworkList(ctx, list, rt)
		if err != nil {
			return err
		}
		return result.Print()
	case "check":
		return client.CheckNetworkList(ctx, list, rt)
	case "del":
		return client.DelNetworkList(ctx, list, rt)
	case "validate":
		_, err := client.ValidateNetworkList(ctx, list)
		return err
	}
	return fmt.Errorf("unknown verb %q", verb)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: libcni_client add|check|del|validate OPTIONS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
