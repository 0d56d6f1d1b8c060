using Multiprocess.Messages;

namespace Multiprocess.Framing;

/// <summary>Keeps a few messages for reuse, so that a warm call allocates none. Thread-safe.</summary>
internal sealed class MessagePool
{
    private readonly Message?[] _free = new Message?[32];
    private readonly Lock _lock = new();
    private int _count;

    public Message Rent()
    {
        lock (_lock)
        {
            if (_count > 0)
            {
                Message message = _free[--_count]!;
                _free[_count] = null;
                return message;
            }
        }

        return new Message();
    }

    /// <summary>Gives a message back; its bytes must not be used any more.</summary>
    public void Return(Message message)
    {
        message.Clear();
        lock (_lock)
        {
            if (_count < _free.Length)
            {
                _free[_count++] = message;
            }
        }
    }
}
