// Command sentry is Dapr's certificate authority for one machine: it takes the flags of Dapr's own, listens on
// --listen-address and --healthz-listen-address alone, and serves no metrics.
package main

import (
	"os"
	"path/filepath"

	"github.com/dapr/dapr/cmd/sentry/options"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/sentry"
	"github.com/dapr/dapr/pkg/sentry/config"
	"github.com/dapr/dapr/pkg/sentry/monitoring"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"

	"todo/dapr/internal/health"
)

var log = logger.NewLogger("dapr.sentry")

func main() {
	opts := options.New(os.Args[1:])
	if err := opts.Validate(); err != nil {
		log.Fatalf("invalid options: %s", err)
	}
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		log.Fatal(err)
	}
	if err := monitoring.InitMetrics(); err != nil {
		log.Fatal(err)
	}
	cfg, err := config.FromConfigName(opts.ConfigName, opts.Mode)
	if err != nil {
		log.Fatal(err)
	}
	credentials := func(name string) string { return filepath.Join(opts.IssuerCredentialsPath, name) }
	cfg.IssuerCertPath = credentials(opts.X509.IssuerCertFilename)
	cfg.IssuerKeyPath = credentials(opts.X509.IssuerKeyFilename)
	cfg.RootCertPath = credentials(opts.X509.RootCAFilename)
	cfg.TrustDomain = opts.TrustDomain
	cfg.Port = opts.Port
	cfg.ListenAddress = opts.ListenAddress
	cfg.Mode = modes.DaprMode(opts.Mode)

	ctx := signals.Context()
	ready := healthz.New()
	authority, err := sentry.New(ctx, sentry.Options{Config: cfg, Healthz: ready})
	if err != nil {
		log.Fatal(err)
	}
	serveHealth := health.Serve(ready, opts.HealthzListenAddress, opts.HealthzPort)
	if err := concurrency.NewRunnerManager(serveHealth, authority.Start).Run(ctx); err != nil {
		log.Fatal(err)
	}
}
