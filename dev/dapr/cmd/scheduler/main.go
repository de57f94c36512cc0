// Command scheduler is Dapr's service for jobs, for one machine: it takes the flags of Dapr's own and listens on
// --listen-address and --healthz-listen-address alone.
package main

import (
	"context"
	"os"

	"github.com/dapr/dapr/cmd/scheduler/options"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/metrics"
	"github.com/dapr/dapr/pkg/modes"
	"github.com/dapr/dapr/pkg/scheduler/monitoring"
	"github.com/dapr/dapr/pkg/scheduler/server"
	"github.com/dapr/dapr/pkg/security"
	"github.com/dapr/kit/concurrency"
	"github.com/dapr/kit/logger"
	"github.com/dapr/kit/signals"

	"todo/dapr/internal/health"
)

var log = logger.NewLogger("dapr.scheduler")

func main() {
	opts, err := options.New(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	if err := logger.ApplyOptionsToLoggers(&opts.Logger); err != nil {
		log.Fatal(err)
	}
	if err := monitoring.InitMetrics(); err != nil {
		log.Fatal(err)
	}
	ctx := signals.Context()
	ready := healthz.New()
	exporter := metrics.New(metrics.Options{
		Log:           log,
		Enabled:       opts.Metrics.Enabled(),
		Namespace:     metrics.DefaultMetricNamespace,
		Port:          opts.Metrics.Port(),
		Healthz:       ready,
		ListenAddress: opts.ListenAddress,
	})
	certificates, err := security.New(ctx, security.Options{
		SentryAddress:           opts.SentryAddress,
		ControlPlaneTrustDomain: opts.TrustDomain,
		ControlPlaneNamespace:   security.CurrentNamespace(),
		TrustAnchorsFile:        opts.TrustAnchorsFile,
		AppID:                   "dapr-scheduler",
		MTLSEnabled:             opts.TLSEnabled,
		Mode:                    modes.DaprMode(opts.Mode),
		Healthz:                 ready,
		WriteIdentityToFile:     &opts.IdentityDirectoryWrite,
	})
	if err != nil {
		log.Fatal(err)
	}
	err = concurrency.NewRunnerManager(
		health.Serve(ready, opts.HealthzListenAddress, opts.HealthzPort),
		exporter.Start,
		certificates.Run,
		func(ctx context.Context) error {
			handler, err := certificates.Handler(ctx)
			if err != nil {
				return err
			}
			return serve(ctx, opts, ready, handler)
		},
	).Run(ctx)
	if err != nil {
		log.Fatal(err)
	}
}

// serve runs the scheduler, again whenever it asks for that by ending without an error.
func serve(ctx context.Context, opts *options.Options, ready healthz.Healthz, handler security.Handler) error {
	for ctx.Err() == nil {
		scheduler, err := server.New(ctx, server.Options{
			Port:                           opts.Port,
			ListenAddress:                  opts.ListenAddress,
			OverrideBroadcastHostPort:      opts.OverrideBroadcastHostPort,
			Mode:                           modes.DaprMode(opts.Mode),
			Security:                       handler,
			Healthz:                        ready,
			EtcdEmbed:                      opts.EtcdEmbed,
			EtcdDataDir:                    opts.EtcdDataDir,
			EtcdName:                       opts.ID,
			EtcdInitialCluster:             opts.EtcdInitialCluster,
			EtcdClientPort:                 opts.EtcdClientPort,
			EtcdClientListenAddress:        opts.EtcdClientListenAddress,
			EtcdSpaceQuota:                 opts.EtcdSpaceQuota,
			EtcdCompactionMode:             opts.EtcdCompactionMode,
			EtcdCompactionRetention:        opts.EtcdCompactionRetention,
			EtcdSnapshotCount:              opts.EtcdSnapshotCount,
			EtcdMaxSnapshots:               opts.EtcdMaxSnapshots,
			EtcdMaxWALs:                    opts.EtcdMaxWALs,
			EtcdBackendBatchLimit:          opts.EtcdBackendBatchLimit,
			EtcdBackendBatchInterval:       opts.EtcdBackendBatchInterval,
			EtcdMaxTxnOps:                  opts.EtcdMaxTxnOps,
			EtcdDefragThresholdMB:          opts.EtcdDefragThresholdMB,
			EtcdInitialElectionTickAdvance: opts.EtcdInitialElectionTickAdvance,
			EtcdMetrics:                    opts.EtcdMetrics,
			EtcdClientEndpoints:            opts.EtcdClientEndpoints,
			EtcdClientUsername:             opts.EtcdClientUsername,
			EtcdClientPassword:             opts.EtcdClientPassword,
			Workers:                        opts.Workers,
		})
		if err != nil {
			return err
		}
		if err := scheduler.Run(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}
