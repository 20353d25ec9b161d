// FerretDB with SQLite inside one process: MongoDB's wire protocol on one machine.
// Usage: tillcast-ferretdb <host:port> <data folder>; SIGTERM and SIGINT end it.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"github.com/FerretDB/FerretDB/build/version"
	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tillcast-ferretdb <host:port> <data folder>")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	version.Get().Version = release()
	if err := serve(ctx, os.Args[1], os.Args[2]); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, address, folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	data := url.URL{Scheme: "file", Path: folder + "/"}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: address},
		Handler:   "sqlite",
		SQLiteURL: data.String(),
	})
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

// release is what clients are told; FerretDB says "unknown" where it is built into another program.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/FerretDB/FerretDB" {
				return module.Version + " (SQLite)"
			}
		}
	}
	return "(SQLite)"
}
