namespace Multiprocess.Transports.Rings;

/// <summary>Keeps the memory of the rings mapped until this object is disposed.</summary>
internal ref struct RingHold : IDisposable
{
    private RingMemory? _memory;

    /// <summary>Begins to hold the memory.</summary>
    /// <returns>False when the memory is already unmapped.</returns>
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
