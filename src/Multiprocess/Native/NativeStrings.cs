using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>A null-terminated list of strings in native memory: an argument vector or an environment.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    public NativeStrings(IReadOnlyList<string> strings)
    {
        _count = strings.Count;
        Start = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            Start[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }
    }

    /// <summary>The first pointer; a null pointer follows the last.</summary>
    public byte** Start { get; private set; }

    public void Dispose()
    {
        if (Start is null)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            Marshal.FreeCoTaskMem((nint)Start[i]);
        }

        NativeMemory.Free(Start);
        Start = null;
    }
}
