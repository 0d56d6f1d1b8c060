using Multiprocess.Locks;
using Multiprocess.Protocols;

namespace Multiprocess.Framing;

/// <summary>
/// Keeps messages for reuse, so that a warmed-up connection allocates none, even for many calls at once. Thread-safe.
/// </summary>
/// <param name="create">Creates a message when none is free. Null for plain ones.</param>
internal sealed class MessagePool(Func<Message>? create = null)
{
    // Memory that an idle connection may keep after a burst: about 340 small messages, or 31 of the largest messages
    // that keep their bytes.
    private const int MaxHeldBytes = 128 * 1024;

    private readonly Lock _lock = new();
    private Message?[] _free = new Message?[16];
    private int _count;
    private int _heldBytes;

    public Message Rent()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_count > 0)
            {
                Message message = _free[--_count]!;
                _free[_count] = null;
                _heldBytes -= message.HeldBytes;
                return message;
            }
        }

        return create?.Invoke() ?? new Message();
    }

    /// <summary>Returns a message; its bytes must not be used any more.</summary>
    public void Return(Message message)
    {
        message.Clear();
        using (Uninterruptible.Enter(_lock))
        {
            if (_heldBytes + message.HeldBytes > MaxHeldBytes)
            {
                return;
            }

            if (_count == _free.Length)
            {
                Array.Resize(ref _free, 2 * _count);
            }

            _free[_count++] = message;
            _heldBytes += message.HeldBytes;
        }
    }
}
