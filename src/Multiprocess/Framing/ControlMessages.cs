using Multiprocess.Buffers;
using Multiprocess.Protocols;

namespace Multiprocess.Framing;

/// <summary>Sends small messages that are not part of a call. Thread-safe; never waits.</summary>
/// <remarks>
/// No message except Hello, Goodbye and Memory may be lost: when the peer does not receive one, the connection ends.
/// </remarks>
/// <param name="protocol">Writes the messages.</param>
/// <param name="sender">Sends the frames.</param>
/// <param name="fail">Called when the peer does not receive: ends the connection.</param>
internal sealed class ControlMessages(WireProtocol protocol, FrameSender sender, Action<Exception> fail)
{
    private const int MaxBytes = 64 * 1024;

    /// <exception cref="IpcException">The peer does not receive, or the connection has ended.</exception>
    public void SendHello(Hello hello)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteHello(output, hello);
        sender.SendControl(output.WrittenSpan);
    }

    /// <exception cref="IpcException">The peer does not receive, or the connection has ended.</exception>
    public void SendGoodbye(IpcErrorKind kind, string reason)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteGoodbye(output, kind, reason);
        sender.SendControl(output.WrittenSpan);
    }

    /// <summary>Tells the peer that the caller of a call has cancelled or abandoned it.</summary>
    /// <param name="thread">The logical thread of the call; 0 for an asynchronous one.</param>
    /// <param name="request">The call.</param>
    public void SendCancel(long thread, long request)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteCancel(output, thread, request);
        SendControlOrFail(output.WrittenSpan);
    }

    /// <summary>Releases one reference to an object of the peer.</summary>
    public void SendRelease(long handle)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteRelease(output, handle, 1);
        SendControlOrFail(output.WrittenSpan);
    }

    /// <summary>Tells the peer that a thread of this side has ended.</summary>
    public void SendThreadEnded(long thread)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteThreadEnded(output, thread);
        SendControlOrFail(output.WrittenSpan);
    }

    /// <summary>Tells the peer which types a method transfers by value on this side.</summary>
    public void SendShape(string contract, uint method, string shape)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteShape(output, contract, method, shape);
        SendControlOrFail(output.WrittenSpan);
    }

    /// <summary>Sends a step of a move into shared memory, or back.</summary>
    /// <param name="step">The step.</param>
    /// <param name="ringBytes">Bytes of a ring; 0 for most steps.</param>
    /// <param name="place">
    /// Called under the sender's lock, before the message is accepted, with its position in the stream and its length.
    /// Not called when the connection has ended.
    /// </param>
    /// <exception cref="IpcException">The peer does not receive; nothing was sent.</exception>
    public void SendMemory(MemoryStep step, int ringBytes, Action<long, int> place)
    {
        using var output = new PooledBufferWriter(MaxBytes);
        protocol.WriteMemory(output, step, ringBytes);
        int bytes = output.WrittenCount;
        sender.SendControl(output.WrittenSpan, position => place(position, bytes));
    }

    /// <summary>As <see cref="SendOrFail"/>, for messages that are not part of a call.</summary>
    public void SendControlOrFail(ReadOnlySpan<byte> frames)
    {
        try
        {
            sender.SendControl(frames);
        }
        catch (IpcException exception)
        {
            Fail(exception);
        }
    }

    /// <summary>
    /// Sends whole frames that must not be lost, from a thread that must not wait. Ends the connection when the peer
    /// does not receive.
    /// </summary>
    /// <param name="frames">The frames.</param>
    /// <param name="tail">The end of the last frame, if it is stored elsewhere.</param>
    /// <param name="place">As for <see cref="FrameSender"/>.</param>
    public void SendOrFail(
        ReadOnlySpan<byte> frames,
        ReadOnlySpan<byte> tail,
        Action<long>? place)
    {
        try
        {
            sender.Send(frames, tail, mayWait: false, place);
        }
        catch (IpcException exception)
        {
            Fail(exception);
        }
    }

    private void Fail(IpcException exception)
        => fail(
            new IpcException(
                IpcErrorKind.LimitExceeded, $"The peer does not receive. {exception.Message}", exception));
}
