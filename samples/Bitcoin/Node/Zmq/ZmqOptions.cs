using System.Globalization;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Zmq;

/// <summary>The options -zmqpub….</summary>
internal static class ZmqOptions
{
    private const int DefaultHighWaterMark = 1000;
    private const string Scheme = "tcp://";

    /// <summary>The options.</summary>
    internal static Option[] All { get; } =
    [
        .. ZmqTopic.Names.SelectMany(static name => (Option[])
        [
            new(
                $"zmqpub{name}",
                "address",
                $"Publish {name} over ZeroMQ here, as tcp://host:port. May be given several times."),
            new(
                $"zmqpub{name}hwm",
                "n",
                $"How many messages of {name} wait for a subscriber before more are dropped; 0 for no bound. Default: "
                    + $"{DefaultHighWaterMark}."),
        ]),
    ];

    /// <summary>The topics to publish.</summary>
    /// <exception cref="HostException">An address or a number is wrong.</exception>
    internal static IReadOnlyList<ZmqTopic> Topics(Settings settings)
    {
        return
        [
            .. ZmqTopic.Names.SelectMany(
                name => settings.All($"zmqpub{name}").Where(static address => address != "0").Select(
                    address => new ZmqTopic(name, Check(name, address), Mark(settings, name)))),
        ];
    }

    private static string Check(string name, string address)
    {
        if (address.StartsWith("unix:", StringComparison.Ordinal)
            || address.StartsWith("ipc:", StringComparison.Ordinal))
        {
            throw new HostException($"-zmqpub{name}={address}: messages are published over TCP only.");
        }

        bool isGood = address.StartsWith(Scheme, StringComparison.Ordinal)
            && address.LastIndexOf(':') is var colon and > 5
            && ushort.TryParse(
                address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && port != 0;
        return isGood ? address : throw new HostException($"Invalid port specified in -zmqpub{name}: '{address}'");
    }

    private static int Mark(Settings settings, string name)
    {
        return settings.Last($"zmqpub{name}hwm") is not { } text ? DefaultHighWaterMark
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int mark) ? mark
            : throw new HostException($"-zmqpub{name}hwm: Expected a number, got '{text}'.");
    }
}
