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
/// The client begins each move. Its states: on the socket → asked (Ask sent) → beginning (Offer received, Begin sent)
/// → in memory (the server's Begin received) → ending (End sent) → on the socket (the server's End received). The
/// server's states: on the socket → offering (Ask received) → offered (Offer sent) → joining (Begin received) → in
/// memory (Begin sent) → on the socket (End received, and sent). Each side changes to "never" when a Refuse arrives or
/// the connection ends.
/// </para>
/// <para>
/// All state is guarded by the gate. The reading thread handles messages under the gate; the messages that they cause
/// are sent outside it.
/// </para>
/// </remarks>
internal sealed class MemoryMoves : IDisposable
{
    // A connection is busy when it receives this many messages at a rate of at least 5,000 per second. A move costs
    // about as much as it saves on a few dozen calls.
    private const int FirstBusyMessages = 128;
    private const int MostBusyMessages = 128 * 1024;
    private const int BusyMessagesPerSecond = 5_000;

    // A connection is quiet when it transfers fewer messages than this in a second. If a stay in memory carried few
    // messages, it was not worth the move: the next move then needs twice as many messages.
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

    // Messages received since the last check, the number at which the next check happens, and the time of the last.
    private int _received;
    private int _nextLook = int.MaxValue;
    private int _busyMessages = FirstBusyMessages;
    private long _lastLook;

    // Messages transferred before the stay in memory began, and before the last check of the timer.
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

    /// <summary>
    /// Creates the moves of a connection; null when the options do not allow moves, or the transport cannot move.
    /// </summary>
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

    /// <summary>Called once when the peer has said that it supports moves, before messages are received.</summary>
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

    /// <summary>
    /// Counts a received message, and asks for memory when the connection is busy. Call under the gate.
    /// </summary>
    public void NoteReceived(RoutedWork work)
    {
        if (++_received >= _nextLook)
        {
            Look(work);
        }
    }

    /// <summary>Handles a step of the peer. Call under the gate, on the thread that reads.</summary>
    /// <exception cref="IpcProtocolException">The step is not allowed in the present state.</exception>
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

    /// <summary>Called when the connection has ended.</summary>
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

            // Call this now, while this thread is the receiving thread: a thread that receives without expecting a
            // descriptor would lose it.
            _transport.ExpectMemory();
            work.Then(Ask);
        }
    }

    private void Ask()
    {
        // On a single processor the peer cannot run while this side spins for its answer.
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

    /// <summary>Continues to receive the peer's stream from the ring. Call under the gate.</summary>
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

    /// <summary>Continues to receive the peer's stream from the socket. Call under the gate.</summary>
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

    /// <summary>Decides how many messages must arrive before the next move. Call under the gate.</summary>
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
    /// Changes the state, unless the connection has ended or a message of the peer has changed it meanwhile.
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

    /// <summary>Sends a step, and changes where this side sends, before or after the step's message.</summary>
    /// <returns>
    /// False when it cannot be sent: too many bytes already wait, or the connection has ended.
    /// </returns>
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
            // The peer does not receive. This side's stream stays where it is.
        }

        return isPlaced;
    }
}
