using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Multiprocess;

/// <summary>
/// The options of a connection. The same options may be used for many connections; they are read when a connection is
/// created.
/// </summary>
public record IpcConnectionOptions
{
    /// <summary>
    /// The category of the log. A logger that writes over a connection of this library must leave it out: each of its
    /// entries would cause the next.
    /// </summary>
    public const string LogCategory = "Multiprocess.Ipc";

    /// <summary>
    /// Creates the logger for the category <see cref="LogCategory"/>, <c>Multiprocess.Ipc</c>. Default null: no log. An
    /// exception of the logger is ignored, and the log entry is lost.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Limits on the resources of this side that the peer can use.</summary>
    public IpcLimits Limits { get; init; } = new();

    /// <summary>
    /// The options for MessagePack-CSharp formatters, that is, formatters named by <see cref="IpcConverterAttribute"/>
    /// or by the package's <c>[MessagePackFormatter]</c>. Default null: the package's standard resolver with
    /// <c>MessagePackSecurity.UntrustedData</c>, without run-time code generation where that is not available.
    /// </summary>
    /// <remarks>
    /// A formatter uses the resolver to find the formatters of nested types. Types without a formatter do not use the
    /// resolver: their encoding is fixed when their contract is compiled. Compression and the old specification apply
    /// to whole messages and are ignored. Both sides should use the same resolver.
    /// </remarks>
    public MessagePackSerializerOptions? MessagePack { get; init; }

    /// <summary>
    /// How long a call may take before it fails with <see cref="IpcTimeoutException"/>. Default infinite. A method's
    /// own limit takes precedence.
    /// </summary>
    public TimeSpan CallTimeout
    {
        get;
        init => field = Check(value);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>How long connecting may take, and the handshake on each side. Default 10 seconds.</summary>
    public TimeSpan ConnectTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the <c>Dispose</c> of a proxy waits for the remote <c>Dispose</c>. Default 5 seconds.
    /// </summary>
    public TimeSpan DisposeTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a call may take before a warning is logged: event 40 for an unanswered call of this side, event 41 for
    /// a call of the peer that is still running here, once for each call. Default infinite: no warnings; otherwise 10
    /// milliseconds to 24 days. The warning comes at most a quarter of that time late. One-way calls of this side wait
    /// for nothing and are not watched. Arguments and results are never logged.
    /// </summary>
    /// <remarks>
    /// <see cref="IpcConnection.ListWaitingCalls"/> returns the same information at any time; with this option it also
    /// includes how long each call has waited.
    /// </remarks>
    public TimeSpan SlowCallWarning
    {
        get;
        init => field = value == Timeout.InfiniteTimeSpan || value >= TimeSpan.FromMilliseconds(10)
            ? Check(value)
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{nameof(SlowCallWarning)}: Expected 10 milliseconds to 24 days, or Timeout.InfiniteTimeSpan, "
                    + $"got {value}.");
    } = Timeout.InfiniteTimeSpan;

    /// <summary>The clock for timeouts and ages. Default: the system clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Whether stack traces of exceptions are sent to the peer; type and message are always sent. Default null: sent to
    /// a peer of the same user on this machine; not sent over TCP, or to a peer of another or an unknown user.
    /// </summary>
    public bool? SendStackTraces { get; init; }

    /// <summary>
    /// How much of an exception's message, and of its stack trace, is sent to the peer, in characters each. Default
    /// 65,536; 0 to 65,536.
    /// </summary>
    public int MaxExceptionTextLength
    {
        get;
        init => field = value is >= 0 and <= 65_536
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{nameof(MaxExceptionTextLength)}: Expected 0 to 65,536 characters, got {value:N0}.");
    } = 65_536;

    /// <summary>
    /// Whether each live object records the stack trace of its creation, for the leak report. Default false, because
    /// recording is slow.
    /// </summary>
    public bool CaptureCreationStacks { get; init; }

    /// <summary>
    /// Decides which peers are allowed besides those of the same user, who are always allowed. Default null: no others.
    /// Called once for each connection, before anything is read from it, on any thread. An exception refuses the peer.
    /// Not called over TCP, where a trusted certificate identifies the peer. Over a pipe or stream of the application,
    /// the application states the peer's identity; a peer of unknown user is allowed while this option is null, and
    /// passed to this function otherwise.
    /// </summary>
    public Func<IpcPeer, bool>? AuthorizePeer { get; init; }

    /// <summary>
    /// Whether the messages between two processes of one machine may go through shared memory, where a call needs no
    /// system call. Default <see cref="IpcLocalTransport.Auto"/>: they may, between processes of one user. Both sides
    /// must allow it. Messages go over the socket or pipe as usual when one side does not allow it, on systems other
    /// than Linux, over TCP, pipes and streams, and while <see cref="RecordFolder"/> is set.
    /// </summary>
    /// <remarks>
    /// With <see cref="IpcLocalTransport.Auto"/>, a connection moves into shared memory when it is busy: when it
    /// receives 128 messages at a rate of at least 5,000 per second. It moves without a pause, and moves back when it
    /// has been quiet for a second. If it carried few messages in shared memory, its next move needs more messages. At
    /// most 1,024 connections of a server process are in shared memory at the same time; the others stay on the socket.
    /// </remarks>
    public IpcLocalTransport LocalTransport
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(LocalTransport)}: Expected Socket, Auto or Memory, got {value}.");
    } = IpcLocalTransport.Auto;

    /// <summary>
    /// How many bytes each direction of a connection may hold in shared memory. Default 64 KiB; a power of two from
    /// 4 KiB to 1 MiB. The smaller value of the two sides is used. A larger message crosses in pieces.
    /// </summary>
    public int MemoryRingBytes
    {
        get;
        init => field = value is >= 4 * 1024 and <= 1024 * 1024 && (value & (value - 1)) == 0
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{nameof(MemoryRingBytes)}: Expected a power of two from 4,096 to 1,048,576 bytes, got {value:N0}.");
    } = 64 * 1024;

    /// <summary>
    /// The certificates for <c>tcp:</c> addresses. Required to listen or connect there. Default null.
    /// </summary>
    public IpcTlsOptions? Tls { get; init; }

    /// <summary>
    /// Where calls of the peer run that are not part of a call of this side: for example in the context of a user
    /// interface. Default null: synchronous calls run on a worker thread for the caller's logical thread, asynchronous
    /// calls on the runtime's own pool of threads. Synchronous calls use the context's <c>Send</c>, asynchronous calls
    /// its <c>Post</c>. When the context refuses a call, the caller gets <see cref="IpcErrorKind.Disconnected"/>.
    /// </summary>
    public SynchronizationContext? CallbackContext { get; init; }

    /// <summary>
    /// As <see cref="CallbackContext"/>, with a task scheduler. Default null. <see cref="CallbackContext"/> takes
    /// precedence when both are set.
    /// </summary>
    public TaskScheduler? CallbackScheduler { get; init; }

    /// <summary>
    /// What happens to a synchronous call from a thread with a <see cref="SynchronizationContext"/>: it is allowed,
    /// allowed with a warning, or throws. Default <see cref="IpcBlockingPolicy.Allow"/>.
    /// </summary>
    public IpcBlockingPolicy BlockingCalls { get; init; }

    /// <summary>
    /// The stack size of each worker thread, in bytes. Default 0: the system's default (1.5 MiB on most Linux systems);
    /// otherwise 128 KiB to 1 GiB. Deep nesting needs a larger stack; a connection with thousands of threads may use a
    /// smaller one.
    /// </summary>
    public int WorkerStackBytes
    {
        get;
        init => field = value is 0 or (>= 128 * 1024 and <= 1024 * 1024 * 1024)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{nameof(WorkerStackBytes)}: Expected 0, or 131,072 to 1,073,741,824 bytes, got {value:N0}.");
    }

    /// <summary>
    /// A folder in which each connection records every message that it sends and receives, for bug reports. Each
    /// connection writes a new text file, <c>*.ipc.txt</c>, that only this user can read. Default null: nothing is
    /// recorded.
    /// </summary>
    /// <remarks>
    /// <para>
    /// <b>The file contains all arguments and results, including those marked <see cref="IpcSensitiveAttribute"/></b>.
    /// A warning with the path of each file is logged (event 6). Read the file before you pass it on, and delete it
    /// afterwards: the library never deletes it.
    /// </para>
    /// <para>
    /// A missing folder is created, for this user only; an existing folder is not changed. When no file can be created
    /// in it, connecting, spawning or listening fails with an <see cref="IpcException"/>. A full disk, or
    /// <see cref="IpcLimits.MaxRecordBytes"/>, ends the recording with a warning (event 7), but never the connection;
    /// no empty file is left. A server writes one file for each client, a supervisor one for each start of its child. A
    /// child process has its own options, and records its side only if they say so.
    /// </para>
    /// <para>
    /// PROTOCOL.md describes the format. <c>IpcTraffic</c>, in the package for tests, reads such a file, displays it in
    /// readable form, and replays it against an implementation of the contract. Each message is written to the file
    /// before the next one is sent, so recording makes a connection slower.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public string? RecordFolder
    {
        get;
        init => field = value != string.Empty
            ? value
            : throw new ArgumentException(
                $"{nameof(RecordFolder)}: Expected a folder, or null for none, got an empty text.", nameof(value));
    }

    private static TimeSpan Check(TimeSpan value, [CallerMemberName] string name = "")
        => value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{name}: Expected a positive time of at most 24 days, or Timeout.InfiniteTimeSpan, got {value}.");
}
