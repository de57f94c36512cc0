// Package health serves a control plane part's health where it is told to. Dapr's own server takes the flag
// --healthz-listen-address but ignores it and listens on every interface.
package health

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/dapr/dapr/pkg/healthz"
)

// Serve answers GET /healthz with 200 once all targets are ready, else 503, until the context ends.
func Serve(health healthz.Healthz, address string, port int) func(context.Context) error {
	return func(ctx context.Context) error {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
			if !health.IsReady() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
		failed := make(chan error, 1)
		go func() { failed <- server.Serve(listener) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return errors.Join(server.Close(), ignoreClosed(<-failed))
		}
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
