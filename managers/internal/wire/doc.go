// Package wire has the messages of managers, both ways: requests and replies, pickled or in XML, and the proxies and
// tokens in them.
package wire
