using Microsoft.Extensions.Logging;

namespace Multiprocess;

/// <summary>How a connection behaves. The same options may serve many connections; they are read when one is made.</summary>
public record IpcConnectionOptions
{
    /// <summary>Where the category <c>Multiprocess.Ipc</c> goes. Default null: nowhere. What it throws is lost with the line.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Bounds on what the peer can make this side hold.</summary>
    public IpcLimits Limits { get; init; } = new();

    /// <summary>
    /// The options that formatters of MessagePack-CSharp are given: those that <see cref="IpcConverterAttribute"/> or the
    /// package's own <c>[MessagePackFormatter]</c> names. Default null: the package's standard resolver, without code made at
    /// run time where that cannot be, and <c>MessagePackSecurity.UntrustedData</c>.
    /// </summary>
    /// <remarks>
    /// A formatter finds those of the types inside its own through the resolver. What crosses without a formatter does not
    /// look at it: how a type crosses is decided when its contract is compiled. Compression and the old specification are
    /// matters of whole messages, and do not apply. Both sides should have the same resolver.
    /// </remarks>
    public MessagePackSerializerOptions? MessagePack { get; init; }

    /// <summary>How long a call may take before it fails with <see cref="IpcTimeoutException"/>. Default infinite. A method's own limit wins.</summary>
    public TimeSpan CallTimeout
    {
        get;
        init => field = Check(value);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>How long connecting, and the handshake of either side, may take. Default 10 seconds.</summary>
    public TimeSpan ConnectTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>How long the <c>Dispose</c> of a proxy waits for the remote <c>Dispose</c>. Default 5 seconds.</summary>
    public TimeSpan DisposeTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a call may be under way before a line is written that says who waits for whom: a warning for a call of
    /// this side that is not answered (event 40), and for one of the peer that still runs here (event 41), once for each
    /// call. Default infinite: none; otherwise 10 milliseconds to 24 days. It is noticed at most a quarter of that time
    /// later. One-way calls of this side wait for nothing and are not watched. No argument and no result is ever written.
    /// </summary>
    /// <remarks><see cref="IpcConnection.ListWaitingCalls"/> shows the same at any time; with this set, also how long.</remarks>
    public TimeSpan SlowCallWarning
    {
        get;
        init => field = value == Timeout.InfiniteTimeSpan || value >= TimeSpan.FromMilliseconds(10)
            ? Check(value)
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected from 10 milliseconds to 24 days, or Timeout.InfiniteTimeSpan.");
    } = Timeout.InfiniteTimeSpan;

    /// <summary>Measures time limits and ages. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Whether the stacks of exceptions cross to the peer; their type and message always do. Default null: to a peer on
    /// this machine, who is the same user, but not over TCP, nor to a peer whose user is another one or not known.
    /// </summary>
    public bool? SendStackTraces { get; init; }

    /// <summary>How much of an exception's message and of its stack crosses to the peer, in characters each. Default 65,536; 0 to 65,536.</summary>
    public int MaxExceptionTextLength
    {
        get;
        init => field = value is >= 0 and <= 65_536
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a number of characters from 0 to 65,536.");
    } = 65_536;

    /// <summary>Whether each live object remembers the stack that created it, for the leak report. Default false: it is slow.</summary>
    public bool CaptureCreationStacks { get; init; }

    /// <summary>
    /// Which peers are allowed, beyond those of the same user, who always are. Default null: no others.
    /// Called once for each connection, before anything is read from it; may be called on any thread. Not asked over
    /// TCP, where a trusted certificate says who the peer is. Over a pipe or stream of the application's own the peer is
    /// what the application says; one whose user it does not say is allowed while this is null, and asked about otherwise.
    /// What it throws is a refusal.
    /// </summary>
    public Func<IpcPeer, bool>? AuthorizePeer { get; init; }

    /// <summary>The certificates for a <c>tcp:</c> address, which is neither listened on nor connected to without. Default null.</summary>
    public IpcTlsOptions? Tls { get; init; }

    /// <summary>
    /// Where calls of the peer run that are not part of a call of this side: for example a user interface's context.
    /// Default null: each runs on a worker thread of its own logical thread, asynchronous ones on the thread pool.
    /// Synchronous calls go through its <c>Send</c>, asynchronous ones through its <c>Post</c>. A context that refuses
    /// one answers it with <see cref="IpcErrorKind.Disconnected"/>.
    /// </summary>
    public SynchronizationContext? CallbackContext { get; init; }

    /// <summary>As <see cref="CallbackContext"/>, by a task scheduler. Default null. The context wins where both are set.</summary>
    public TaskScheduler? CallbackScheduler { get; init; }

    /// <summary>
    /// What happens to a synchronous call from a thread that has a <see cref="SynchronizationContext"/>: allowed, allowed
    /// with a warning, or an exception. Default <see cref="IpcBlockingPolicy.Allow"/>.
    /// </summary>
    public IpcBlockingPolicy BlockingCalls { get; init; }

    /// <summary>
    /// Stack of each worker thread, in bytes. Default 0: the system's (1.5 MiB on most Linux systems); otherwise 128 KiB to 1 GiB.
    /// Deep nesting needs more; a connection with thousands of threads may do with less.
    /// </summary>
    public int WorkerStackBytes
    {
        get;
        init => field = value is 0 or (>= 128 * 1024 and <= 1024 * 1024 * 1024)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected 0, or from 131,072 to 1,073,741,824 bytes.");
    }

    /// <summary>
    /// A folder in which each connection writes down what it sends and receives, message by message, for bug reports:
    /// a new text file each, <c>*.ipc.txt</c>, which only this user may read. Default null: nothing is written.
    /// </summary>
    /// <remarks>
    /// <para>
    /// <b>All arguments and results are in it, those marked <see cref="IpcSensitiveAttribute"/> too</b>; a warning is
    /// logged (event 6) with the path of each file. Read it before you give it to anybody, and delete it afterwards:
    /// nothing here does.
    /// </para>
    /// <para>
    /// The folder is made, for this user only, if it is missing; one that is there is left as it is. If no file can be
    /// made in it, connecting, spawning or listening fails with an <see cref="IpcException"/>. A disk that is full, then or
    /// later, or <see cref="IpcLimits.MaxRecordBytes"/> ends the recording with a warning (event 7), and never the
    /// connection; no file is left without content.
    /// A server has a file for each client, a supervised child one for each start; a child has options of its own, and
    /// records its side if they say so.
    /// </para>
    /// <para>
    /// PROTOCOL.md has the format. <c>IpcTraffic</c>, in the package for tests, reads such a file, shows it in words,
    /// and plays it to an implementation of the contract. Each message is written to the file before the next one is
    /// sent: a connection that records is slower.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public string? RecordFolder
    {
        get;
        init => field = value != string.Empty ? value : throw new ArgumentException("Expected a folder, or null for none.", nameof(value));
    }

    private static TimeSpan Check(TimeSpan value)
        => value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a positive time of at most 24 days, or Timeout.InfiniteTimeSpan.");
}
