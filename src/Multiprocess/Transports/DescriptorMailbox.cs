using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>
/// The descriptors on their way in one direction between two ends in the same process, where no system call carries
/// them.
/// </summary>
/// <remarks>Thread-safe. The receiving end closes it.</remarks>
internal sealed class DescriptorMailbox
{
    private readonly Lock _lock = new();
    private readonly Queue<PassedDescriptors> _passed = new();
    private bool _isClosed;

    /// <summary>Adds descriptors in the order of their positions.</summary>
    public void Add(NativeHandle[] descriptors)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_isClosed)
            {
                _passed.Enqueue(new PassedDescriptors(descriptors, IsComplete: true));
                return;
            }
        }

        PassedDescriptors.CloseAll(descriptors);
    }

    /// <summary>Takes the next descriptors; null when there are none.</summary>
    public PassedDescriptors? Take()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return _passed.TryDequeue(out PassedDescriptors? passed) ? passed : null;
        }
    }

    /// <summary>Closes the descriptors that were not taken, and those that are added from now on.</summary>
    public void Close()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _isClosed = true;
            while (_passed.TryDequeue(out PassedDescriptors? passed))
            {
                passed.Dispose();
            }
        }
    }
}
