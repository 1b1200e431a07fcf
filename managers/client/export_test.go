package client

import "context"

// InSlices is how clients wait.
func InSlices(ctx context.Context, again error, f func(ctx context.Context, sec float64) error) error {
	return inSlices(ctx, again, f)
}
