// SPDX-License-Identifier: Apache-2.0
//go:build !libcni_1_3

package main

import (
	"context"
	"errors"

	"github.com/containernetworking/cni/libcni"
)

var errTooOld = errors.New("this version of libcni has neither status nor gc")

func status(context.Context, *libcni.CNIConfig, *libcni.NetworkConfigList) error { return errTooOld }

func collect(context.Context, *libcni.CNIConfig, *libcni.NetworkConfigList, attachments) error {
	return errTooOld
}
