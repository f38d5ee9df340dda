// SPDX-License-Identifier: Apache-2.0
//go:build libcni_1_3

package main

import (
	"context"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func status(ctx context.Context, client *libcni.CNIConfig, list *libcni.NetworkConfigList) error {
	return client.GetStatusNetworkList(ctx, list)
}

// collect sends [] rather than null if no attachment is valid, as CRI-O does.
func collect(ctx context.Context, client *libcni.CNIConfig, list *libcni.NetworkConfigList, valid attachments) error {
	args := &libcni.GCArgs{ValidAttachments: []types.GCAttachment{}}
	for _, one := range valid {
		args.ValidAttachments = append(args.ValidAttachments,
			types.GCAttachment{ContainerID: one.containerID, IfName: one.ifname})
	}
	return client.GCNetworkList(ctx, list, args)
}
