using Microsoft.Extensions.Logging;
using Multiprocess.Framing;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Native;
using Multiprocess.Protocols;
using Multiprocess.Threads;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;

namespace Multiprocess.Connections;

/// <summary>Moves the two streams of a connection into shared memory while it is busy, and back.</summary>
/// <remarks>
/// <para>
/// The client begins both. Its moves: on the socket → asked (Ask sent) → beginning (Offer received, Begin sent) → in
/// memory (the server's Begin received) → ending (End sent) → on the socket (the server's End received). The server's:
/// on the socket → offering (Ask received) → offered (Offer sent) → joining (Begin received) → in memory (Begin sent) →
/// on the socket (End received, and sent). Each side can turn to "never": a Refuse, or an end of the connection.
/// </para>
/// <para>
/// All state is guarded by the gate. Messages are read under it, by the thread that reads; what they cause is sent
/// outside it.
/// </para>
/// </remarks>
internal sealed class MemoryMoves : IDisposable
{
    // A connection is busy when it receives this many messages at no less than 5,000 a second. A move costs about as
    // much as it saves on some tens of calls.
    private const int FirstBusyMessages = 128;
    private const int MostBusyMessages = 128 * 1024;
    private const int BusyMessagesPerSecond = 5_000;

    // And it is quiet again when it transfers less than this in a second. A stay that carried little was not worth its
    // move: then it takes twice as many messages until the next one.
    private const int QuietMessages = 64;
    private const int WorthwhileMessages = 8 * 1024;
    private static readonly TimeSpan s_quietTime = TimeSpan.FromSeconds(1);

    private readonly RingTransport _transport;
    private readonly FrameReader _frames;
    private readonly FrameSender _sender;
    private readonly ControlMessages _control;
    private readonly WireProtocol _protocol;
    private readonly ThreadMap _threads;
    private readonly IpcConnectionOptions _options;
    private readonly Func<ILogger> _logger;
    private readonly bool _isClient;
    private readonly bool _isAlways;

    private Step _step = Step.Never;
    private RingMemory? _memory;
    private ITimer? _timer;

    // Messages received since the last look, until the next look, and when the last look was.
    private int _received;
    private int _nextLook = int.MaxValue;
    private int _busyMessages = FirstBusyMessages;
    private long _lastLook;

    // Messages transferred until the stay in memory began, and until the last look at it.
    private long _atBegin;
    private long _atLastTick;

    private MemoryMoves(
        RingTransport transport,
        WireProtocol protocol,
        FrameReader frames,
        FrameSender sender,
        ControlMessages control,
        ThreadMap threads,
        IpcConnectionOptions options,
        Func<ILogger> logger,
        bool isClient)
    {
        _transport = transport;
        _frames = frames;
        _sender = sender;
        _control = control;
        _protocol = protocol;
        _threads = threads;
        _options = options;
        _logger = logger;
        _isClient = isClient;
        _isAlways = options.LocalTransport == IpcLocalTransport.Memory;
    }

    private enum Step
    {
        Never,
        OnSocket,
        Asked,
        Offering,
        Offered,
        Beginning,
        Joining,
        InMemory,
        Ending,
    }

    /// <summary>True while the streams of the connection are in shared memory. Read without a lock.</summary>
    public bool IsInMemory => _step is Step.InMemory or Step.Ending;

    /// <summary>How often the socket was used while a direction was in memory.</summary>
    public long SocketUses => _transport.SocketUses;

    /// <summary>Creates the moves of a connection; null when it may not move, or its transport cannot.</summary>
    public static MemoryMoves? Of(
        Transport transport,
        WireProtocol protocol,
        FrameReader frames,
        FrameSender sender,
        ControlMessages control,
        ThreadMap threads,
        IpcConnectionOptions options,
        Func<ILogger> logger,
        bool isClient)
        => transport is RingTransport ring && protocol.HasMemory && MayMove(transport.Peer, options)
            ? new MemoryMoves(ring, protocol, frames, sender, control, threads, options, logger, isClient)
            : null;

    private static bool MayMove(IpcPeer peer, IpcConnectionOptions options)
        => Environment.Is64BitProcess
            && options.LocalTransport switch
            {
                IpcLocalTransport.Auto => peer.UserId >= 0 && PeerCredentials.IsSameUser(peer),
                IpcLocalTransport.Memory => true,
                _ => false,
            };

    /// <summary>The peer has said that it takes part. Called once, before messages are received.</summary>
    public void Open()
    {
        using (Uninterruptible.Enter(_threads.Gate))
        {
            _step = Step.OnSocket;
            if (_isClient)
            {
                _nextLook = _isAlways ? 1 : _busyMessages;
                _lastLook = _options.TimeProvider.GetTimestamp();
            }
        }
    }

    /// <summary>Counts a received message, and asks for memory when the connection is busy. Under the gate.</summary>
    public void NoteReceived(RoutedWork work)
    {
        if (++_received >= _nextLook)
        {
            Look(work);
        }
    }

    /// <summary>Takes a step of the peer. Under the gate, by the thread that reads.</summary>
    /// <exception cref="IpcProtocolException">The step is not the next one.</exception>
    public void Take(Message message, RoutedWork work)
    {
        MemoryStep step = _protocol.ReadMemory(message, out int ringBytes);
        switch (step, _step)
        {
            case (MemoryStep.Ask, Step.OnSocket) when !_isClient && RingMemory.IsRingSize(ringBytes):
                _step = Step.Offering;
                work.Then(() => Offer(Math.Min(ringBytes, _options.MemoryRingBytes)));
                break;
            case (MemoryStep.Offer, Step.Asked) when RingMemory.IsRingSize(ringBytes)
                && ringBytes <= _options.MemoryRingBytes:
                _step = Step.Beginning;
                PassedDescriptors? passed = _transport.TakeDescriptors();
                _transport.ForgetMemory();
                work.Then(() => Begin(passed, ringBytes));
                break;
            case (MemoryStep.Refuse, Step.Asked):
                _transport.ForgetMemory();
                _step = Step.Never;
                break;
            case (MemoryStep.Refuse, Step.Offered):
                Forget();
                break;
            case (MemoryStep.Begin, Step.Beginning) when _memory is not null:
                Enter(Step.InMemory, work);
                break;
            case (MemoryStep.Begin, Step.Offered):
                Enter(Step.Joining, work);
                work.Then(Join);
                break;
            case (MemoryStep.End, Step.Ending):
                Leave(work);
                Learn();
                break;
            case (MemoryStep.End, Step.InMemory) when !_isClient:
                RingMemory? memory = _memory;
                Leave(work);
                work.Then(() => Send(MemoryStep.End, SendingChange.ToSocket, memory));
                break;
            default:
                throw new IpcProtocolException(
                    $"Expected another step of a move into shared memory than {step} with rings of {ringBytes} bytes: "
                        + $"this side is at {_step}.");
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Dispose()
    {
        ITimer? timer;
        using (Uninterruptible.Enter(_threads.Gate))
        {
            _step = Step.Never;
            _nextLook = int.MaxValue;
            _memory?.Dispose();
            timer = _timer;
            _timer = null;
        }

        timer?.Dispose();
    }

    private void Look(RoutedWork work)
    {
        long now = _options.TimeProvider.GetTimestamp();
        bool isBusy = _isAlways
            || _options.TimeProvider.GetElapsedTime(_lastLook, now).TotalSeconds * BusyMessagesPerSecond <= _received;
        _lastLook = now;
        _received = 0;
        if (isBusy && _step == Step.OnSocket)
        {
            _step = Step.Asked;
            _nextLook = int.MaxValue;

            // Now, while this thread is the receiving thread: a thread that received without expecting a descriptor
            // would lose it.
            _transport.ExpectMemory();
            work.Then(Ask);
        }
    }

    private void Ask()
    {
        // On one processor the peer cannot run while this side looks for its answer.
        if (_isAlways || NativeProcessors.CountOfBoth(_transport.Peer.ProcessId) != 1)
        {
            if (Send(MemoryStep.Ask, ringBytes: _options.MemoryRingBytes))
            {
                return;
            }
        }

        Turn(Step.Asked, Step.Never, memory: null);
        _transport.ForgetMemory();
    }

    private void Offer(int ringBytes)
    {
        var memory = RingMemory.Create(ringBytes, out NativeHandle? file);
        if (memory is null)
        {
            Turn(Step.Offering, Step.OnSocket, memory: null);
            Send(MemoryStep.Refuse);
            return;
        }

        if (!Turn(Step.Offering, Step.Offered, memory)
            || !Send(MemoryStep.Offer, SendingChange.PassDescriptors, descriptor: file, ringBytes: ringBytes))
        {
            file!.Dispose();
            memory.Dispose();
        }
    }

    private void Begin(PassedDescriptors? passed, int ringBytes)
    {
        RingMemory? memory;
        using (passed)
        {
            memory = passed is { Handles: [var descriptor] } ? RingMemory.Open(descriptor, ringBytes) : null;
        }

        if (memory is null)
        {
            Turn(Step.Beginning, Step.Never, memory: null);
            Send(MemoryStep.Refuse);
        }
        else if (!Turn(Step.Beginning, Step.Beginning, memory)
            || !Send(MemoryStep.Begin, SendingChange.ToRing, memory))
        {
            memory.Dispose();
        }
    }

    private void Join()
    {
        RingMemory? memory = _memory;
        if (memory is not null && Turn(Step.Joining, Step.InMemory, memory))
        {
            Send(MemoryStep.Begin, SendingChange.ToRing, memory);
        }
    }

    /// <summary>The peer's stream goes on in the ring. Under the gate.</summary>
    private void Enter(Step next, RoutedWork work)
    {
        _step = next;
        _frames.SkipsEmptyFrames = true;
        _transport.ReceiveFromRing(_memory!, _frames.TakeRest());
        _atBegin = _atLastTick = Transferred;
        int ringBytes = _memory!.RingBytes;
        work.Then(() => IpcLog.EnteredMemory(_logger(), _transport.Description, ringBytes));
        if (_isClient && !_isAlways)
        {
            _timer ??= _options.TimeProvider.CreateTimer(
                static moves => ((MemoryMoves)moves!).Tick(), this, s_quietTime, s_quietTime);
        }
    }

    /// <summary>The peer's stream goes on on the socket. Under the gate.</summary>
    private void Leave(RoutedWork work)
    {
        _step = Step.OnSocket;
        _memory = null;
        _transport.ReceiveFromSocket();
        long messages = Transferred - _atBegin;
        work.Then(() => IpcLog.LeftMemory(_logger(), _transport.Description, messages));
    }

    private void Forget()
    {
        _step = Step.Never;
        _memory?.Dispose();
        _memory = null;
    }

    /// <summary>Decides how many messages it takes until the next move. Under the gate.</summary>
    private void Learn()
    {
        _busyMessages = Transferred - _atBegin < WorthwhileMessages
            ? Math.Min(_busyMessages * 2, MostBusyMessages)
            : FirstBusyMessages;
        _nextLook = _busyMessages;
        _received = 0;
        _lastLook = _options.TimeProvider.GetTimestamp();
    }

    private void Tick()
    {
        RingMemory memory;
        using (Uninterruptible.Enter(_threads.Gate))
        {
            long transferred = Transferred;
            bool isQuiet = transferred - _atLastTick < QuietMessages;
            _atLastTick = transferred;
            if (!isQuiet || _step != Step.InMemory || _memory is null)
            {
                return;
            }

            _step = Step.Ending;
            memory = _memory;
            _timer?.Dispose();
            _timer = null;
        }

        Send(MemoryStep.End, SendingChange.ToSocket, memory);
    }

    private long Transferred => _frames.Frames + _sender.Frames;

    /// <summary>
    /// Makes a step, unless the connection has ended or the peer has made another step in the meantime.
    /// </summary>
    private bool Turn(Step from, Step to, RingMemory? memory)
    {
        using (Uninterruptible.Enter(_threads.Gate))
        {
            if (_step != from || _threads.IsClosed)
            {
                return false;
            }

            _step = to;
            _memory = memory;
            return true;
        }
    }

    private bool Send(MemoryStep step, int ringBytes = 0)
        => Send(step, change: null, memory: null, descriptor: null, ringBytes);

    /// <summary>Sends a step, with the change of the sending direction before or after it.</summary>
    /// <returns>False when it cannot be sent: too much waits already, or the connection has ended.</returns>
    private bool Send(
        MemoryStep step,
        SendingChange? change,
        RingMemory? memory = null,
        NativeHandle? descriptor = null,
        int ringBytes = 0)
    {
        bool isPlaced = false;
        try
        {
            _control.SendMemory(
                step,
                ringBytes,
                (position, bytes) =>
                {
                    isPlaced = true;
                    switch (change)
                    {
                        case SendingChange.PassDescriptors:
                            _transport.PassDescriptors(position, [descriptor!]);
                            break;
                        case { } other:
                            _transport.Mark(new SendingMark(other, position + bytes, memory));
                            break;
                    }
                });
        }
        catch (IpcException)
        {
            // The peer does not receive. The stream stays where it is.
        }

        return isPlaced;
    }
}
