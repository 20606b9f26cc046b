package main

// The bus over which the server, its workers and their recorders talk. It subscribes and publishes in the background,
// so what must be heard needs a wait on both ends.

import (
	"context"
	"fmt"
	"time"

	"github.com/livekit/psrpc"
	"github.com/redis/go-redis/v9"
)

// sendingTime is enough for what was published to be sent before the process ends.
const sendingTime = 200 * time.Millisecond

type bus struct {
	psrpc.MessageBus
	redis *redis.Client
}

func connectBus(redisAddress string) bus {
	redis.SetLogger(silence{}) // it would write plain text to stderr when Redis goes first
	client := redis.NewClient(&redis.Options{Addr: redisAddress})
	return bus{psrpc.NewRedisMessageBus(client), client}
}

// subscribed waits until somebody listens to a channel whose name matches the pattern.
func (b bus) subscribed(pattern string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		channels, err := b.redis.PubSubChannels(ctx, pattern).Result()
		if err != nil {
			return fmt.Errorf("bus: %w", err)
		}
		if len(channels) > 0 {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
