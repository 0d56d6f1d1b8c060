using Multiprocess.Calls;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Plays one side of a recording over a transport, to a side that is real, and notes what crosses.</summary>
/// <remarks>For one thread, which it never blocks for longer than it is told.</remarks>
internal sealed class ReplayPeer
{
    private readonly Transport _transport;
    private readonly FrameReader _frames;
    private readonly MessagePool _pool = new();
    private readonly bool _isClient;
    private readonly int _patienceMilliseconds;
    private readonly List<IpcTrafficFrame> _crossed = [];
    private int _heard;

    /// <param name="transport">Leads to the real side.</param>
    /// <param name="isClient">Which side is played.</param>
    /// <param name="maxFrameBytes">The longest frame that is taken.</param>
    /// <param name="patience">How long to wait for the next bytes of a frame that is due.</param>
    public ReplayPeer(Transport transport, bool isClient, int maxFrameBytes, TimeSpan patience)
    {
        _transport = transport;
        _isClient = isClient;
        _patienceMilliseconds = (int)patience.TotalMilliseconds;
        _frames = new FrameReader(transport, _pool) { MaxFrameBytes = maxFrameBytes };
    }

    /// <summary>What has crossed, in the order in which this side saw it.</summary>
    public IReadOnlyList<IpcTrafficFrame> Crossed => _crossed;

    /// <summary>How many frames that were due did not come.</summary>
    public int Missing { get; private set; }

    /// <summary>The Hello of a client or a server of a contract.</summary>
    public static byte[] MakeHello<T>(bool isClient, int maxFrameBytes) where T : class
    {
        ContractBinding contract = ContractBinding<T>.Instance;
        Hello hello = isClient
            ? new Hello(Hello.CurrentVersion, Environment.ProcessId, null, 0, contract.Name, contract.Fingerprint, maxFrameBytes)
            : new Hello(Hello.CurrentVersion, Environment.ProcessId, contract.Name, contract.Fingerprint, null, 0, maxFrameBytes);
        return Write(hello.Write);
    }

    public static byte[] MakeGoodbye() => Write((ref MessagePackWriter writer) => GoodbyeMessage.Write(ref writer, IpcErrorKind.Disconnected, string.Empty));

    /// <summary>Sends all that the script has, each chunk when what it waits for has come, or is given up.</summary>
    /// <param name="script">What to send.</param>
    /// <param name="hello">The Hello that stands in it as null.</param>
    /// <param name="goesOn">Asked after each chunk.</param>
    /// <exception cref="IOException">The other side has hung up.</exception>
    /// <exception cref="IpcProtocolException">It sent a frame that is too long.</exception>
    public void Play(ReplayScript script, byte[] hello, Func<bool> goesOn)
    {
        for (int i = 0; i < script.Chunks.Count && goesOn(); i++)
        {
            AwaitUntil(script.WaitBefore(i));
            Send(script.Chunks[i] ?? hello);
            _ = Hear();
        }
    }

    /// <summary>Waits until so many frames have come, of those that are waited for. What does not come is not waited for again.</summary>
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

    /// <summary>Waits for the answers to all calls that were sent, whether the script has them or not: a recording may end where its process did.</summary>
    public void AwaitAnswers()
    {
        int calls = _crossed.Count(frame => frame.IsFromClient == _isClient && frame.IsAnsweredCall);
        while (_crossed.Count(frame => frame.IsFromClient != _isClient && frame.Type is MessageType.Return or MessageType.Error) < calls
            && _transport.WaitToReceive(_patienceMilliseconds)
            && Hear())
        {
        }
    }

    /// <summary>Takes what still comes, up to the end of the stream or until nothing has come for the given time.</summary>
    public void HearOut(int milliseconds)
    {
        while (_transport.WaitToReceive(milliseconds) && Hear())
        {
        }
    }

    /// <summary>Sends bytes, and takes what comes meanwhile. Gives up when neither goes on.</summary>
    public void Send(byte[] bytes)
    {
        // Before it is sent, so that what answers it is noted behind it.
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

    private static byte[] Write(WriteMessage write)
    {
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Takes what is there.</summary>
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
