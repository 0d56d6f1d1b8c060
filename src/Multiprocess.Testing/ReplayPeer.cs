using Multiprocess.Buffers;
using Multiprocess.Calls;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Plays one side of a recording to a real peer over a transport, and records the traffic.</summary>
/// <remarks>For one thread. No member blocks that thread for longer than the given times.</remarks>
internal sealed class ReplayPeer
{
    private readonly Transport _transport;
    private readonly FrameReader _frames;
    private readonly MessagePool _pool = new();
    private readonly bool _isClient;
    private readonly int _patienceMilliseconds;
    private readonly List<IpcTrafficFrame> _crossed = [];
    private int _heard;

    /// <param name="transport">Leads to the real peer.</param>
    /// <param name="isClient">Which side is played.</param>
    /// <param name="maxFrameBytes">The longest frame that is accepted, in bytes.</param>
    /// <param name="patience">How long to wait for the next bytes of an expected frame.</param>
    public ReplayPeer(Transport transport, bool isClient, int maxFrameBytes, TimeSpan patience)
    {
        _transport = transport;
        _isClient = isClient;
        _patienceMilliseconds = (int)patience.TotalMilliseconds;
        _frames = new FrameReader(transport, MessagePackProtocol.Instance, _pool) { MaxFrameBytes = maxFrameBytes };
    }

    /// <summary>The frames sent and received, in the order in which this side saw them.</summary>
    public IReadOnlyList<IpcTrafficFrame> Crossed => _crossed;

    /// <summary>How many expected frames did not arrive.</summary>
    public int Missing { get; private set; }

    /// <summary>Creates the Hello of a client or a server of a contract.</summary>
    public static byte[] MakeHello<T>(bool isClient, int maxFrameBytes) where T : class
    {
        ContractBinding contract = ContractBinding<T>.Instance;
        Hello hello = isClient
            ? new Hello(
                HelloMessage.CurrentVersion,
                Environment.ProcessId,
                null,
                0,
                contract.Name,
                contract.Fingerprint,
                maxFrameBytes)
            : new Hello(
                HelloMessage.CurrentVersion,
                Environment.ProcessId,
                contract.Name,
                contract.Fingerprint,
                null,
                0,
                maxFrameBytes);
        return Write(output => MessagePackProtocol.Instance.WriteHello(output, hello));
    }

    public static byte[] MakeGoodbye()
        => Write(output
            => MessagePackProtocol.Instance.WriteGoodbye(output, IpcErrorKind.Disconnected, string.Empty));

    /// <summary>
    /// Sends the whole script: each chunk when the frames that it waits for have arrived, or were given up.
    /// </summary>
    /// <param name="script">What to send.</param>
    /// <param name="hello">The Hello, which is null in the script.</param>
    /// <param name="goesOn">Called after each chunk; returns whether to continue.</param>
    /// <exception cref="IOException">The peer has closed the connection.</exception>
    /// <exception cref="IpcProtocolException">The peer sent a frame that is too long.</exception>
    public void Play(ReplayScript script, byte[] hello, Func<bool> goesOn)
    {
        for (int i = 0; i < script.Chunks.Count && goesOn(); i++)
        {
            AwaitUntil(script.WaitBefore(i));
            Send(script.Chunks[i] ?? hello);
            _ = Hear();
        }
    }

    /// <summary>
    /// Waits until this many expected frames have arrived. A frame that does not arrive is not waited for again.
    /// </summary>
    public void AwaitUntil(int heard)
    {
        while (_heard < heard - Missing)
        {
            if (!_transport.WaitToReceive(_patienceMilliseconds) || !Hear())
            {
                Missing = heard - _heard;
            }
        }
    }

    /// <summary>
    /// Waits for the answers to all calls that were sent, even those not in the script: a recording may end with its
    /// process.
    /// </summary>
    public void AwaitAnswers()
    {
        int calls = _crossed.Count(frame => frame.IsFromClient == _isClient && frame.IsAnsweredCall);
        while (_crossed.Count(frame
                => frame.IsFromClient != _isClient && frame.Type is MessageType.Return or MessageType.Error) < calls
            && _transport.WaitToReceive(_patienceMilliseconds)
            && Hear())
        {
        }
    }

    /// <summary>Receives until the end of the stream, or until nothing has arrived for the given time.</summary>
    public void HearOut(int milliseconds)
    {
        while (_transport.WaitToReceive(milliseconds) && Hear())
        {
        }
    }

    /// <summary>Sends bytes, and receives meanwhile. Gives up when neither makes progress.</summary>
    public void Send(byte[] bytes)
    {
        // Recorded before the send, so that the answer is recorded after it.
        _crossed.Add(new IpcTrafficFrame(_isClient, bytes));
        ReadOnlySpan<byte> left = bytes;
        while (!left.IsEmpty)
        {
            int sent = _transport.TrySend(left, default);
            if (sent > 0)
            {
                left = left[sent..];
            }
            else if (!_transport.WaitToSend(_patienceMilliseconds) && !Hear())
            {
                return;
            }
        }
    }

    private static byte[] Write(Action<PooledBufferWriter> write)
    {
        using var output = new PooledBufferWriter();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Receives what is available.</summary>
    /// <returns>False at the end of the stream.</returns>
    private bool Hear()
    {
        int received;
        do
        {
            received = _frames.TryFill();
            while (_frames.TryRead(out Message? message))
            {
                var bytes = new byte[MessageFormat.LengthPrefix + message.Length];
                message.Contents.CopyTo(bytes.AsSpan(MessageFormat.LengthPrefix));
                MessageFormat.End(bytes);
                _pool.Return(message);
                var frame = new IpcTrafficFrame(!_isClient, bytes);
                _crossed.Add(frame);
                _heard += frame.IsWaitedFor ? 1 : 0;
            }
        }
        while (received > 0);

        return received != 0;
    }
}
