using System.Diagnostics.Metrics;
using Multiprocess.Connections;
using Multiprocess.Locks;
using Multiprocess.Metrics;
using Multiprocess.Outgoing;
using Multiprocess.Threads;

namespace Multiprocess.Diagnostics;

/// <summary>Measures the open connections when a listener asks.</summary>
/// <remarks>Runs in the listener's call, under no lock of its own.</remarks>
internal static class ConnectionMeter
{
    private const string Direction = "network.io.direction";
    private const string Holder = "multiprocess.direction";

    private static readonly Instrument[] s_instruments =
    [
        IpcMeter.Meter.CreateObservableUpDownCounter(
            "multiprocess.connections",
            static () => LiveConnections.List(out _).Length,
            "{connection}",
            "Connections that are open."),
        IpcMeter.Meter.CreateObservableUpDownCounter(
            "multiprocess.connections.memory",
            static () => LiveConnections.List(out _).Count(connection => connection.IsInMemory),
            "{connection}",
            "Open connections whose messages go through shared memory at present."),
        IpcMeter.Meter.CreateObservableUpDownCounter(
            "multiprocess.calls.active",
            CallsUnderWay,
            "{call}",
            "Calls under way: for the client those that wait for their answer, for the server those that wait or run."),
        IpcMeter.Meter.CreateObservableUpDownCounter(
            "multiprocess.threads",
            Threads,
            "{thread}",
            "Workers that run calls of peers (server), and threads of this process that have one at a peer (client)."),
        IpcMeter.Meter.CreateObservableUpDownCounter(
            "multiprocess.objects",
            Objects,
            "{object}",
            "Objects held across a connection: of this process (exported), of peers (imported)."),
        IpcMeter.Meter.CreateObservableCounter(
            "multiprocess.network.io",
            static () => Transfers(total => total.BytesSent, total => total.BytesReceived),
            "By",
            "Bytes that went over connections that were opened, before encryption."),
        IpcMeter.Meter.CreateObservableCounter(
            "multiprocess.messages",
            static () => Transfers(total => total.MessagesSent, total => total.MessagesReceived),
            "{message}",
            "Messages that went over connections that were opened."),
    ];

    /// <summary>Creates the instruments once.</summary>
    public static void Make() => _ = s_instruments;

    private static IEnumerable<Measurement<long>> CallsUnderWay()
    {
        var outgoing = new Dictionary<(string Service, string? Method), long>();
        long incoming = 0;
        foreach (ConnectionCore connection in LiveConnections.List(out _))
        {
            incoming += connection.Channel.PeerCalls.InFlight.Count;
            foreach (UnansweredCall call in UnansweredCall.List(connection.Channel))
            {
                CallStep step = call.Step;
                var key = (step.Contract.Name, step.Contract.GetMethodName(step.MethodId));
                outgoing[key] = outgoing.GetValueOrDefault(key) + 1;
            }
        }

        yield return new(incoming, Tag(IpcMeter.Role, IpcMeter.Server));
        foreach (((string service, string? method), long count) in outgoing)
        {
            yield return new(
                count,
                Tag(IpcMeter.Role, IpcMeter.Client),
                Tag(IpcMeter.Service, service),
                Tag(IpcMeter.Method, method));
        }
    }

    private static IEnumerable<Measurement<long>> Threads()
    {
        long workers = 0;
        long clients = 0;
        foreach (ConnectionCore connection in LiveConnections.List(out _))
        {
            ThreadMap threads = connection.Channel.Threads;
            using (Uninterruptible.Enter(threads.Gate))
            {
                workers += threads.WorkerCount;
                clients += threads.OwnCount;
            }
        }

        return [new(workers, Tag(IpcMeter.Role, IpcMeter.Server)), new(clients, Tag(IpcMeter.Role, IpcMeter.Client))];
    }

    private static IEnumerable<Measurement<long>> Objects()
    {
        var exported = new Dictionary<string, long>();
        var imported = new Dictionary<string, long>();
        foreach (ConnectionCore connection in LiveConnections.List(out _))
        {
            connection.Channel.Objects.Exports.CountByContract(exported);
            connection.Channel.Objects.Imports.CountByContract(imported);
        }

        return
        [
            .. exported.Select(
                pair => new Measurement<long>(pair.Value, Tag(Holder, "exported"), Tag(IpcMeter.Service, pair.Key))),
            .. imported.Select(
                pair => new Measurement<long>(pair.Value, Tag(Holder, "imported"), Tag(IpcMeter.Service, pair.Key))),
        ];
    }

    private static IEnumerable<Measurement<long>> Transfers(
        Func<TransferTotals, long> sent,
        Func<TransferTotals, long> received)
    {
        TransferTotals total = LiveConnections.List(out TransferTotals ended)
            .Aggregate(ended, static (sum, connection) => sum + connection.Transferred);
        return [new(sent(total), Tag(Direction, "transmit")), new(received(total), Tag(Direction, "receive"))];
    }

    private static KeyValuePair<string, object?> Tag(string name, string? value) => new(name, value);
}
