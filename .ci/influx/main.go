// Command influx runs the demonstration with a real InfluxDB 1.8.3 beside it, in a
// temporary folder: make run-influx. Its arguments go to rasad demo.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"rasad/history/influxtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "run-influx:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "rasad-influx-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Println("InfluxDB 1.8.3: starting it; the first time it is built, which takes minutes.")
	server, err := influxtest.Open(ctx, influxtest.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer server.Stop()
	fmt.Printf("InfluxDB listens on %s, database rasad.\n\n", server.URL)
	demo := exec.CommandContext(ctx, "bin/rasad", append([]string{"demo", "--influx-url", server.URL}, os.Args[1:]...)...)
	demo.Stdout, demo.Stderr = os.Stdout, os.Stderr
	demo.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the terminal is for us
	demo.Cancel = func() error { return demo.Process.Signal(syscall.SIGTERM) }
	demo.WaitDelay = time.Minute
	if err := demo.Run(); ctx.Err() == nil {
		return err
	}
	return nil // we were told to stop
}
