using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Multiprocess.Metrics;

/// <summary>What is counted and measured, under the name <c>Multiprocess</c>. The names, units and tags are stable.</summary>
/// <remarks>
/// What happens is counted when it does, if somebody listens. What is there at a moment, and what is transferred, is not
/// counted here but looked up on the open connections when it is asked for: so it is right for a listener that came late,
/// and costs nothing without one. The instruments are made when the framework's diagnostics are loaded and the first
/// connection is open: until then nobody can listen.
/// </remarks>
internal static class IpcMeter
{
    public const string Name = "Multiprocess";

    /// <summary>The tag of the contract, as the activities have it.</summary>
    public const string Service = "rpc.service";

    /// <summary>The tag of the method, as the activities have it.</summary>
    public const string Method = "rpc.method";

    /// <summary>The tag that says on which side of a call this process is: <c>client</c> or <c>server</c>.</summary>
    public const string Role = "multiprocess.role";

    /// <summary>The name of the counter of calls.</summary>
    public const string CallsName = "multiprocess.calls";

    /// <summary>The name of the histogram of their durations.</summary>
    public const string DurationName = "multiprocess.call.duration";

    public const string Client = "client";

    public const string Server = "server";

    /// <summary>The tag that says how a call ended.</summary>
    public const string Outcome = "multiprocess.outcome";

    /// <summary>What stands for the name of a method that the contract does not have: whatever number the peer sends, it is one series.</summary>
    private const string UnknownMethod = "_OTHER";

    private static int s_runningChildren;

    /// <summary>True while somebody listens to what calls cost. Nothing is read and nothing made while nobody does.</summary>
    public static bool MeasuresCalls => DiagnosticsAssembly.IsLoaded && Instruments.MeasureCalls;

    /// <summary>Counts a call that has ended.</summary>
    /// <param name="role"><see cref="Client"/> or <see cref="Server"/>.</param>
    /// <param name="service">The contract's name.</param>
    /// <param name="method">The method's name; null for one that the contract does not have.</param>
    /// <param name="outcome">One of a few constants.</param>
    /// <param name="duration">How long it took; null where that says nothing.</param>
    public static void CallEnded(string role, string service, string? method, string outcome, TimeSpan? duration)
    {
        // On the stack, of strings that are there already: measuring allocates nothing.
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

    /// <summary>Counts a client that a server turned away because of who it is.</summary>
    public static void ConnectionRefused()
    {
        if (DiagnosticsAssembly.IsLoaded)
        {
            Instruments.Refused.Add(1);
        }
    }

    /// <summary>Counts a client that was not served because it could not be talked to.</summary>
    public static void HandshakeFailed()
    {
        if (DiagnosticsAssembly.IsLoaded)
        {
            Instruments.FailedHandshakes.Add(1);
        }
    }

    /// <summary>Counts a child process that was started, which <see cref="ChildEnded"/> must follow.</summary>
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

    /// <summary>The one meter; using it makes all the instruments.</summary>
    public static Meter Meter => Instruments.Meter;

    /// <summary>Apart, because they are made when this class is first used.</summary>
    private static class Instruments
    {
        /// <summary>Above the instruments, which are made in this order.</summary>
        public static readonly Meter Meter = new(Name);

        // A call takes microseconds; the boundaries that collectors assume begin with milliseconds.
        private static readonly InstrumentAdvice<double> s_durations = new()
        {
            HistogramBucketBoundaries = [0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
        };

        public static readonly Counter<long> EndedCalls = Meter.CreateCounter<long>(
            CallsName, "{call}", "Calls that have ended, one-way calls that were sent.");

        public static readonly Histogram<double> CallDuration = Meter.CreateHistogram(
            DurationName, "s", "How long calls took: for the client until the answer was there, for the server until it was sent.", advice: s_durations);

        public static readonly Counter<long> Refused = Meter.CreateCounter<long>(
            "multiprocess.connections.refused", "{connection}", "Clients that the server turned away because of who they are.");

        public static readonly Counter<long> FailedHandshakes = Meter.CreateCounter<long>(
            "multiprocess.handshakes.failed", "{connection}", "Clients that the server did not serve because the handshake failed.");

        public static readonly Counter<long> ChildrenStarted = Meter.CreateCounter<long>(
            "multiprocess.children.started", "{process}", "Child processes that were started.");

        public static readonly ObservableUpDownCounter<int> Children = Meter.CreateObservableUpDownCounter(
            "multiprocess.children", static () => Volatile.Read(ref s_runningChildren), "{process}", "Child processes that run now.");

        public static bool MeasureCalls => EndedCalls.Enabled || CallDuration.Enabled;
    }
}
