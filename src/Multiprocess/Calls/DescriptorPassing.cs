using Multiprocess.Locks;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Calls;

/// <summary>The descriptors that cross with the messages of one connection, in both directions.</summary>
/// <remarks>
/// A Descriptors message carries the descriptors of the message that follows it, and states their number. Received
/// descriptors stay with that message until its reader takes them; the rest are closed with the message, or at the end
/// of the connection. Thread-safe, except for members that say otherwise.
/// </remarks>
internal sealed class DescriptorPassing(Transport transport, IpcLimits limits)
{
    // Guards the three fields below. No other lock is taken under it.
    private readonly Lock _lock = new();
    private readonly HashSet<MessageDescriptors> _unread = [];
    private int _waiting;
    private bool _isClosed;

    // The descriptors of the next message. Guarded by the gate.
    private MessageDescriptors? _next;

    // Most descriptors that the peer accepts with one message. Set once, by the handshake.
    private int _mostOfPeer;

    // Most descriptors that this side accepts with one message.
    private int _most;

    /// <summary>Number of received descriptors that wait to be read.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>True once the connection has ended.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>True between a Descriptors message and the message after it. Call under the gate.</summary>
    public bool HasNext => _next is not null;

    /// <summary>Prepares for receiving descriptors, if the contract has any. Call before the Hello is sent.</summary>
    /// <returns>Most descriptors that this side accepts with one message.</returns>
    public int Expect(bool contractHasSome)
    {
        if (contractHasSome && transport.PassesDescriptors && limits.MaxDescriptors > 0)
        {
            _most = limits.MaxDescriptors;
            transport.ExpectDescriptors();
        }

        return _most;
    }

    /// <summary>Stores the peer's limit: how many descriptors it accepts with one message.</summary>
    public void Learn(int mostOfPeer) => _mostOfPeer = Math.Min(mostOfPeer, NativeDescriptors.Most);

    /// <summary>Checks that one more descriptor fits into a message that has so many.</summary>
    /// <exception cref="NotSupportedException">Descriptors cannot cross on this connection.</exception>
    /// <exception cref="IpcException">The peer accepts no more with one message.</exception>
    public void CheckRoom(int count)
    {
        if (!transport.PassesDescriptors)
        {
            throw new NotSupportedException(
                $"A descriptor cannot cross over {transport.Description}. Expected a Unix domain socket on Linux.");
        }

        if (_mostOfPeer == 0)
        {
            throw new NotSupportedException(
                "A descriptor cannot cross: the peer accepts none. Expected a peer whose contract has some, and whose "
                    + "IpcLimits.MaxDescriptors is not 0.");
        }

        if (count >= _mostOfPeer)
        {
            throw new IpcException(
                IpcErrorKind.LimitExceeded,
                $"The message has more than {_mostOfPeer} descriptors, which is the receiver's "
                    + "IpcLimits.MaxDescriptors.");
        }
    }

    /// <summary>Hands descriptors to the transport, which sends them with the byte at the given position.</summary>
    public void Pass(long position, NativeHandle[] descriptors) => transport.PassDescriptors(position, descriptors);

    /// <summary>
    /// Takes the descriptors that a Descriptors message announces for the next message. Call under the gate, on the
    /// thread that reads.
    /// </summary>
    /// <exception cref="IpcProtocolException">
    /// The descriptors did not arrive, were too many, or were not expected.
    /// </exception>
    public void Announce(int count)
    {
        PassedDescriptors passed = transport.TakeDescriptors()
            ?? throw new IpcProtocolException($"Descriptors message: Expected {count} descriptors, got none.");
        if (count > _most || (passed.IsComplete && passed.Handles.Length != count))
        {
            passed.Dispose();
            throw new IpcProtocolException(
                $"Descriptors message: Expected {count} descriptors, and at most {_most}; "
                    + $"got {passed.Handles.Length}.");
        }

        IpcException? refusal = null;
        using (Uninterruptible.Enter(_lock))
        {
            if (!passed.IsComplete)
            {
                refusal = new IpcException(
                    IpcErrorKind.LimitExceeded,
                    $"The message's {count} descriptors were lost: the receiving process has as many open as it may.");
            }
            else if (_waiting + count > limits.MaxWaitingDescriptors)
            {
                refusal = new IpcException(
                    IpcErrorKind.LimitExceeded,
                    $"The message's {count} descriptors were closed: {_waiting} of the connection already wait to be "
                        + $"read; the limit is {limits.MaxWaitingDescriptors:N0}.");
            }

            if (refusal is null && !_isClosed)
            {
                _waiting += count;
                _unread.Add(_next = new MessageDescriptors(this, passed.Handles, refusal: null));
                return;
            }
        }

        passed.Dispose();
        _next = new MessageDescriptors(this, [], refusal);
    }

    /// <summary>Returns the announced descriptors, once. Call under the gate.</summary>
    public MessageDescriptors? TakeNext()
    {
        MessageDescriptors? next = _next;
        _next = null;
        return next;
    }

    /// <summary>Notes that one descriptor of a message was taken or closed.</summary>
    public void Left(MessageDescriptors message, bool isLast)
    {
        using (Uninterruptible.Enter(_lock))
        {
            _waiting--;
            if (isLast)
            {
                _unread.Remove(message);
            }
        }
    }

    /// <summary>Called when the connection has ended: closes all descriptors that were not read.</summary>
    public void Close()
    {
        MessageDescriptors[] unread;
        using (Uninterruptible.Enter(_lock))
        {
            _isClosed = true;
            unread = [.. _unread];
        }

        foreach (MessageDescriptors message in unread)
        {
            message.Dispose();
        }
    }
}
