using Microsoft.Win32.SafeHandles;

namespace Multiprocess.Benchmarks.Contracts;

/// <summary>
/// What passes descriptors. Not in <see cref="IBenchmark"/>: a connection whose contract has some receives by another
/// system call.
/// </summary>
[IpcInterface]
public interface IHandover
{
    int Add(int a, int b);

    /// <summary>Takes a file and closes it.</summary>
    void Take(SafeFileHandle file);
}

/// <summary>The object that takes them.</summary>
internal sealed class Handover : IHandover
{
    public int Add(int a, int b) => a + b;

    public void Take(SafeFileHandle file) => file.Dispose();
}
