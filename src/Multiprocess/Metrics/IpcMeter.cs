using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Multiprocess.Metrics;

/// <summary>The metrics of the library, under the name <c>Multiprocess</c>. Names, units and tags are stable.</summary>
/// <remarks>
/// Events are counted when they happen, if there is a listener. Current values and transferred totals are not counted
/// here: they are read from the open connections on request, so they are correct for a late listener and cost nothing
/// without one. The instruments are created when the framework's diagnostics are loaded and the first connection is
/// open: before that, there can be no listener.
/// </remarks>
internal static class IpcMeter
{
    public const string Name = "Multiprocess";

    /// <summary>The tag of the contract, as in the activities.</summary>
    public const string Service = "rpc.service";

    /// <summary>The tag of the method, as in the activities.</summary>
    public const string Method = "rpc.method";

    /// <summary>The tag for this process's side of a call: <c>client</c> or <c>server</c>.</summary>
    public const string Role = "multiprocess.role";

    /// <summary>The name of the counter of calls.</summary>
    public const string CallsName = "multiprocess.calls";

    /// <summary>The name of the histogram of call durations.</summary>
    public const string DurationName = "multiprocess.call.duration";

    public const string Client = "client";

    public const string Server = "server";

    /// <summary>The tag for how a call ended.</summary>
    public const string Outcome = "multiprocess.outcome";

    /// <summary>
    /// The name reported for a method that the contract does not have: one series, whatever number the peer sends.
    /// </summary>
    private const string UnknownMethod = "_OTHER";

    private static int s_runningChildren;

    /// <summary>
    /// True while there is a listener for call metrics. Without one, no clock is read and no instrument created.
    /// </summary>
    public static bool MeasuresCalls => DiagnosticsAssembly.IsLoaded && Instruments.MeasureCalls;

    /// <summary>Counts a call that has ended.</summary>
    /// <param name="role"><see cref="Client"/> or <see cref="Server"/>.</param>
    /// <param name="service">The contract's name.</param>
    /// <param name="method">The method's name; null for a method that the contract does not have.</param>
    /// <param name="outcome">One of a few constants.</param>
    /// <param name="duration">How long the call took; null when that is not meaningful.</param>
    public static void CallEnded(string role, string service, string? method, string outcome, TimeSpan? duration)
    {
        // On the stack, with existing strings: measuring allocates nothing.
        var tags = new TagList
        {
            { Service, service },
            { Method, method ?? UnknownMethod },
            { Role, role },
            { Outcome, outcome },
        };
        Instruments.EndedCalls.Add(1, in tags);
        if (duration is { } took)
        {
            Instruments.CallDuration.Record(took.TotalSeconds, in tags);
        }
    }

    /// <summary>Counts a client that a server refused because of its identity.</summary>
    public static void ConnectionRefused()
    {
        if (DiagnosticsAssembly.IsLoaded)
        {
            Instruments.Refused.Add(1);
        }
    }

    /// <summary>Counts a client that was not served because its handshake failed.</summary>
    public static void HandshakeFailed()
    {
        if (DiagnosticsAssembly.IsLoaded)
        {
            Instruments.FailedHandshakes.Add(1);
        }
    }

    /// <summary>Counts a started child process. <see cref="ChildEnded"/> must follow.</summary>
    public static void ChildStarted()
    {
        Interlocked.Increment(ref s_runningChildren);
        if (DiagnosticsAssembly.IsLoaded)
        {
            Instruments.ChildrenStarted.Add(1);
        }
    }

    /// <summary>Counts the end of a child process.</summary>
    public static void ChildEnded() => Interlocked.Decrement(ref s_runningChildren);

    /// <summary>The only meter; using it creates all instruments.</summary>
    public static Meter Meter => Instruments.Meter;

    /// <summary>A separate class, because the instruments are created when the class is first used.</summary>
    private static class Instruments
    {
        /// <summary>Must stand before the instruments, which are initialized in this order.</summary>
        public static readonly Meter Meter = new(Name);

        // A call takes microseconds; the default boundaries of collectors start at milliseconds.
        private static readonly InstrumentAdvice<double> s_durations = new()
        {
            HistogramBucketBoundaries =
            [
                0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005,
                0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
            ],
        };

        public static readonly Counter<long> EndedCalls = Meter.CreateCounter<long>(
            CallsName, "{call}", "Calls that have ended, one-way calls that were sent.");

        public static readonly Histogram<double> CallDuration = Meter.CreateHistogram(
            DurationName,
            "s",
            "How long calls took: for the client until the answer was there, for the server until it was sent.",
            advice: s_durations);

        public static readonly Counter<long> Refused = Meter.CreateCounter<long>(
            "multiprocess.connections.refused",
            "{connection}",
            "Clients that the server turned away because of who they are.");

        public static readonly Counter<long> FailedHandshakes = Meter.CreateCounter<long>(
            "multiprocess.handshakes.failed",
            "{connection}",
            "Clients that the server did not serve because the handshake failed.");

        public static readonly Counter<long> ChildrenStarted = Meter.CreateCounter<long>(
            "multiprocess.children.started", "{process}", "Child processes that were started.");

        public static readonly ObservableUpDownCounter<int> Children = Meter.CreateObservableUpDownCounter(
            "multiprocess.children",
            static () => Volatile.Read(ref s_runningChildren),
            "{process}",
            "Child processes that run now.");

        public static bool MeasureCalls => EndedCalls.Enabled || CallDuration.Enabled;
    }
}
