// SPDX-License-Identifier: Apache-2.0
// libcni_client drives plugins through the real libcni, as containerd, CRI-O and cnitool do.
//
//	libcni_client add|check|del|validate|status|gc -conf FILE [-netns PATH] [-id ID] [-ifname eth0] [-path DIR:DIR]
//	              [-cache DIR] [-args 'K=V;K=V'] [-capabilities JSON] [-valid ID/IFNAME]...
//
// add prints the result; gc keeps the attachments of -valid. Errors go to stderr with exit code 1; an error of a plugin
// begins with "code N: ".
//
// Built without modules, with libcni 1.1.2 of Debian 12, or with -tags libcni_1_3 and libcni 1.3 of Debian's sid. Only
// the latter has status and gc.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

// attachment is a valid attachment, as in -valid.
type attachment struct {
	containerID, ifname string
}

type attachments []attachment

func (list *attachments) String() string { return fmt.Sprint(*list) }

func (list *attachments) Set(text string) error {
	words := strings.SplitN(text, "/", 2)
	if len(words) != 2 {
		return fmt.Errorf("%q is no ID/IFNAME", text)
	}
	*list = append(*list, attachment{words[0], words[1]})
	return nil
}

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

func run(verb string, options []string) error {
	flags := flag.NewFlagSet(verb, flag.ExitOnError)
	conf := flags.String("conf", "", "configuration file")
	netns := flags.String("netns", "", "path of the network namespace")
	id := flags.String("id", "", "container id")
	ifname := flags.String("ifname", "eth0", "interface name in the container")
	path := flags.String("path", os.Getenv("CNI_PATH"), "folders of plugins")
	cache := flags.String("cache", "", "cache folder; default: libcni's")
	args := flags.String("args", "", "CNI_ARGS")
	capabilities := flags.String("capabilities", "", "JSON object")
	var valid attachments
	flags.Var(&valid, "valid", "ID/IFNAME of an attachment that gc keeps")
	if err := flags.Parse(options); err != nil {
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
	case "status":
		return status(ctx, client, list)
	case "gc":
		return collect(ctx, client, list, valid)
	}
	return fmt.Errorf("unknown verb %q", verb)
}

// message returns an error's text with the code of the plugin's error: libcni's text does not contain it.
func message(err error) string {
	var pluginError *types.Error
	if errors.As(err, &pluginError) {
		return fmt.Sprintf("code %d: %v", pluginError.Code, err)
	}
	return err.Error()
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: libcni_client add|check|del|validate|status|gc OPTIONS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, message(err))
		os.Exit(1)
	}
}
