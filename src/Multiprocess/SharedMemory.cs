using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess;

/// <summary>
/// Memory that several processes of this machine share. Only a descriptor crosses; the bytes are not copied. Linux
/// only.
/// </summary>
/// <remarks>
/// <para>
/// The process that creates the memory writes it. Every receiver sees it read-only, and so does every process to
/// which a receiver sends it. The length never changes, so a reader cannot crash, whatever the creator does. Until
/// <see cref="Freeze"/> the creator may change bytes while a receiver reads them: a receiver that does not trust the
/// creator must copy bytes before it checks them.
/// </para>
/// <para>
/// The receiver owns its object and disposes it; the creator keeps its own. The system frees the memory when the last
/// object is disposed or its process ends. Thread-safe, with one exception: using a span after <see cref="Dispose"/>
/// or <see cref="Freeze"/> crashes the process.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var image = SharedMemory.Create(16 * 1024 * 1024);
/// Render(image.Span);
/// printer.Print(image);            // void Print(SharedMemory image), in another process
/// </code>
/// </example>
public sealed unsafe class SharedMemory : IDisposable
{
    private const long MaxBytes = 1L << 40;

    private readonly Lock _lock = new();
    private View _view;

    private SharedMemory(SafeFileHandle file, View view)
    {
        File = file;
        _view = view;
    }

    /// <summary>Number of bytes.</summary>
    public long Length => _view.Length;

    /// <summary>True for a receiver, and for the creator once the memory is frozen.</summary>
    public bool IsReadOnly => !_view.IsWritable;

    /// <summary>True once nobody can change the bytes any more. The kernel guarantees this, not the peer.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public bool IsFrozen => WithFile(NativeSharedMemory.IsFrozen);

    /// <summary>The bytes, for writing. Valid until <see cref="Dispose"/> or <see cref="Freeze"/>.</summary>
    /// <exception cref="InvalidOperationException">The memory is read-only, or has more than 2 GiB.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public Span<byte> Span
        => IsReadOnly ? throw ReadOnlyHere() : new Span<byte>(_view.Start, CheckedLength);

    /// <summary>The bytes, for reading. Valid until <see cref="Dispose"/> or <see cref="Freeze"/>.</summary>
    /// <exception cref="InvalidOperationException">The memory has more than 2 GiB.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public ReadOnlySpan<byte> ReadOnlySpan => new(_view.Start, CheckedLength);

    /// <summary>The descriptor that is sent to other processes.</summary>
    internal SafeFileHandle File { get; }

    /// <summary>Creates memory filled with zeros, which this process can write.</summary>
    /// <param name="length">Number of bytes, 1 to 1 TiB. Pages that nobody writes use no memory.</param>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    /// <exception cref="IOException">The system provided no memory or no descriptor.</exception>
    public static SharedMemory Create(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxBytes);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Shared memory crosses as a descriptor only on Linux.");
        }

        int file = NativeSharedMemory.CreateOwn((nint)length, out nint start);
        if (file < 0)
        {
            throw Errno.Exception($"Creating shared memory of {length:N0} bytes", Errno.Last);
        }

        return new SharedMemory(new SafeFileHandle(file, ownsHandle: true), new View(start, length, isWritable: true));
    }

    /// <summary>Creates memory that contains these bytes, and freezes it: nobody can change them.</summary>
    /// <param name="contents">The bytes; at least one.</param>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    /// <exception cref="IOException">The system provided no memory or no descriptor.</exception>
    public static SharedMemory Create(ReadOnlySpan<byte> contents)
    {
        SharedMemory memory = Create(contents.Length);
        contents.CopyTo(memory.Span);
        memory.Freeze();
        return memory;
    }

    /// <summary>
    /// Makes the bytes unchangeable, for the creator too. Call this when everything is written, before or after
    /// sending.
    /// </summary>
    /// <exception cref="InvalidOperationException">This process is not the creator.</exception>
    /// <exception cref="IOException">The system refused.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public void Freeze()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (WithFile(NativeSharedMemory.IsFrozen))
            {
                return;
            }

            View writable = _view;
            if (!writable.IsWritable)
            {
                throw ReadOnlyHere();
            }

            // Both mappings cannot exist at once: the kernel freezes only memory that nobody can write.
            _view = Map(File, Length);
            writable.Dispose();
            if (!WithFile(NativeSharedMemory.Freeze))
            {
                throw Errno.Exception("Freezing shared memory", Errno.Last);
            }
        }
    }

    /// <summary>Copies bytes out of the memory.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="destination">Receives the bytes; it is filled completely.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The range begins before the memory or reaches past its end.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        View view = Hold(offset, destination.Length);
        try
        {
            new ReadOnlySpan<byte>(view.Start + offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            view.DangerousRelease();
        }
    }

    /// <summary>Copies bytes into the memory.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="source">The bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The range begins before the memory or reaches past its end.
    /// </exception>
    /// <exception cref="InvalidOperationException">The memory is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        View view = Hold(offset, source.Length);
        try
        {
            source.CopyTo(view.IsWritable
                ? new Span<byte>(view.Start + offset, source.Length)
                : throw ReadOnlyHere());
        }
        finally
        {
            view.DangerousRelease();
        }
    }

    /// <summary>Releases the memory in this process. Other processes keep theirs.</summary>
    public void Dispose()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _view.Dispose();
            File.Dispose();
        }
    }

    /// <summary>
    /// Opens the file again for reading only, so that a receiver can neither write nor add seals. Returns an invalid
    /// handle where that is not possible, for example in a confined child.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    internal SafeFileHandle OpenForReading()
    {
        int opened = -1;
        WithFile(file => (opened = NativeSharedMemory.OpenForReading(file)) >= 0);
        return new SafeFileHandle(opened, ownsHandle: true);
    }

    /// <summary>Maps the memory that a peer has sent.</summary>
    /// <param name="file">The descriptor. On success, the returned object owns it.</param>
    /// <param name="length">The size according to the peer.</param>
    /// <exception cref="IpcProtocolException">The file is not memory of that fixed size.</exception>
    /// <exception cref="IOException">The system provided no address space.</exception>
    internal static SharedMemory Open(SafeFileHandle file, long length)
    {
        if (!OperatingSystem.IsLinux()
            || length is < 1 or > MaxBytes
            || !NativeSharedMemory.IsSealed(
                (int)file.DangerousGetHandle(), (nint)length, NativeSharedMemory.SealsOfSize))
        {
            throw new IpcProtocolException(
                $"Expected shared memory of {length:N0} bytes that can neither shrink nor grow, got another file.")
            {
                At = -1,
            };
        }

        return new SharedMemory(file, Map(file, length));
    }

    private static View Map(SafeFileHandle file, long length)
    {
        nint start = NativeSharedMemory.Map((int)file.DangerousGetHandle(), (nint)length, isWritable: false);
        return start != 0
            ? new View(start, length, isWritable: false)
            : throw new IOException($"The system gave no address space for {length:N0} bytes of shared memory.");
    }

    private static InvalidOperationException ReadOnlyHere()
        => new("The shared memory is read-only: it was received, or is frozen.");

    private int CheckedLength
    {
        get
        {
            ObjectDisposedException.ThrowIf(_view.IsClosed, this);
            return Length <= int.MaxValue
                ? (int)Length
                : throw new InvalidOperationException(
                    $"A span has at most {int.MaxValue:N0} bytes, the shared memory has {Length:N0}. Expected a call "
                        + "of Read or Write.");
        }
    }

    private View Hold(long offset, int length)
    {
        View view = _view;
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, view.Length - length);
        bool added = false;
        try
        {
            view.DangerousAddRef(ref added);
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(SharedMemory));
        }

        return view;
    }

    private bool WithFile(Func<int, bool> act)
    {
        bool added = false;
        try
        {
            File.DangerousAddRef(ref added);
            return act((int)File.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(SharedMemory));
        }
        finally
        {
            if (added)
            {
                File.DangerousRelease();
            }
        }
    }

    /// <summary>One mapping. Unmapped once it is disposed and no thread copies from or to it.</summary>
    private sealed class View : SafeHandleZeroOrMinusOneIsInvalid
    {
        public View(nint start, long length, bool isWritable)
            : base(ownsHandle: true)
        {
            SetHandle(start);
            Length = length;
            IsWritable = isWritable;
        }

        public long Length { get; }

        public bool IsWritable { get; }

        public byte* Start => (byte*)handle;

        protected override bool ReleaseHandle() => NativeAddresses.Free(handle, (nuint)Length) == 0;
    }
}
