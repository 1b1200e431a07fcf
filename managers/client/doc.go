// Package client calls the objects of a manager, Python's or one of package server.
//
//	c, err := client.Dial(ctx, "127.0.0.1:50000", &client.Options{Authkey: key})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	jobs, err := client.OpenQueueOf[string](ctx, c, "get_jobs") // a queue of texts
//	job, err := jobs.Get(ctx)
//	settings, err := c.OpenDict(ctx, "settings")
//	v, err := settings.Get(ctx, "debug")
//
// A Proxy is any object; Queue, Dict, List, Lock and the others know the methods of one type. What Python raised is an
// exception of package managers: errors.Is(err, managers.ErrEmpty). All methods of a Client and of its proxies may be
// called concurrently: each call in flight has a connection of its own.
package client
