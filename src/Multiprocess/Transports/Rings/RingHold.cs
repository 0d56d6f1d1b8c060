namespace Multiprocess.Transports.Rings;

/// <summary>Holds the memory of rings, so that no other thread unmaps it before this is disposed.</summary>
internal ref struct RingHold : IDisposable
{
    private RingMemory? _memory;

    /// <summary>Holds the memory.</summary>
    /// <returns>False when it is gone.</returns>
    public static bool TryTake(RingMemory memory, out RingHold hold)
    {
        hold = default;
        bool added = false;
        try
        {
            memory.DangerousAddRef(ref added);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }

        hold._memory = memory;
        return true;
    }

    public void Dispose()
    {
        _memory?.DangerousRelease();
        _memory = null;
    }
}
