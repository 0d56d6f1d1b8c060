using Multiprocess.Messages;
using Multiprocess.Serialization;

namespace Multiprocess.Framing;

/// <summary>Sends small messages that are not part of a call. Thread-safe; never waits.</summary>
/// <param name="sender">Sends the frames.</param>
/// <param name="fail">Called when the peer does not receive: ends the connection.</param>
internal sealed class ControlMessages(FrameSender sender, Action<Exception> fail)
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Sends one message.</summary>
    /// <exception cref="IpcException">The peer does not receive, or the connection has ended.</exception>
    public void Send(WriteMessage write)
    {
        using PooledBufferWriter output = Encode(write);
        sender.Send(output.WrittenSpan, mayWait: false);
    }

    /// <summary>Sends one message that must not be lost. Ends the connection when the peer does not receive.</summary>
    public void SendOrFail(WriteMessage write)
    {
        using PooledBufferWriter output = Encode(write);
        SendOrFail(output.WrittenSpan);
    }

    /// <summary>
    /// Sends whole frames that must not be lost, from a thread that must not wait. Ends the connection when the peer
    /// does not receive.
    /// </summary>
    public void SendOrFail(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail = default)
    {
        try
        {
            sender.Send(frames, tail, mayWait: false);
        }
        catch (IpcException exception)
        {
            fail(
                new IpcException(
                    IpcErrorKind.LimitExceeded, $"The peer does not receive. {exception.Message}", exception));
        }
    }

    private static PooledBufferWriter Encode(WriteMessage write)
    {
        var output = new PooledBufferWriter(MaxBytes);
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        return output;
    }
}

/// <summary>Writes one message.</summary>
internal delegate void WriteMessage(ref MessagePackWriter writer);
