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

// collect sends an empty list when nothing is alive, as CRI-O does: [] and not null.
func collect(ctx context.Context, client *libcni.CNIConfig, list *libcni.NetworkConfigList, alive attachments) error {
	args := &libcni.GCArgs{ValidAttachments: []types.GCAttachment{}}
	for _, one := range alive {
		args.ValidAttachments = append(args.ValidAttachments, types.GCAttachment{ContainerID: one.containerID, IfName: one.ifname})
	}
	return client.GCNetworkList(ctx, list, args)
}
