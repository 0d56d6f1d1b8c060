using Multiprocess.Locks;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Calls;

/// <summary>The descriptors that the messages of one connection bring, in both directions.</summary>
/// <remarks>
/// A Descriptors message says how many the next message has, and brings them. They stay with that message until its
/// reader takes them; those that nobody takes are closed with the message, or at the end of the connection.
/// Thread-safe, except for members that say otherwise.
/// </remarks>
internal sealed class DescriptorPassing(Transport transport, IpcLimits limits)
{
    // Guards what follows. Taken last.
    private readonly Lock _lock = new();
    private readonly HashSet<MessageDescriptors> _unread = [];
    private int _waiting;
    private bool _isClosed;

    // Under the gate: those of the next message.
    private MessageDescriptors? _next;

    // Most descriptors that the peer accepts with one message. Set once, by the handshake.
    private int _mostOfPeer;

    // Most that this side accepts.
    private int _most;

    /// <summary>Number of received descriptors that wait to be read.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>True once the connection has ended.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>True between a Descriptors message and the next one. Under the gate.</summary>
    public bool HasNext => _next is not null;

    /// <summary>Prepares for receiving descriptors, if the contract has some. Before the Hello is sent.</summary>
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

    /// <summary>The peer has said how many descriptors it accepts with one message.</summary>
    public void Learn(int mostOfPeer) => _mostOfPeer = Math.Min(mostOfPeer, NativeDescriptors.Most);

    /// <summary>Checks that a message may have one descriptor more.</summary>
    /// <exception cref="NotSupportedException">Descriptors cannot cross here.</exception>
    /// <exception cref="IpcException">The peer accepts no more.</exception>
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

    /// <summary>Hands descriptors to the transport, which sends them with a byte that is not sent yet.</summary>
    public void Pass(long position, NativeHandle[] descriptors) => transport.PassDescriptors(position, descriptors);

    /// <summary>
    /// Takes the descriptors that a Descriptors message announces for the next message. Under the gate, by the thread
    /// that reads.
    /// </summary>
    /// <exception cref="IpcProtocolException">They did not come, are too many, or were not asked for.</exception>
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

    /// <summary>Returns, once, the announced descriptors. Under the gate.</summary>
    public MessageDescriptors? TakeNext()
    {
        MessageDescriptors? next = _next;
        _next = null;
        return next;
    }

    /// <summary>A descriptor of a message was taken or closed.</summary>
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

    /// <summary>The connection has ended: closes all that nobody has read.</summary>
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
