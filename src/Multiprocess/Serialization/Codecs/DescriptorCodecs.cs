using System.IO.MemoryMappedFiles;
using System.IO.Pipes;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Multiprocess.Native;

namespace Multiprocess.Serialization.Codecs;

/// <summary>A file, as a descriptor. The receiver owns its handle.</summary>
public readonly struct SafeFileHandleCodec : IIpcCodec<SafeFileHandle>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SafeFileHandle value, IpcWriteContext context)
        => context.WriteDescriptor(ref writer, value);

    /// <inheritdoc/>
    public static SafeFileHandle Read(ref MessagePackReader reader, IpcReadContext context)
    {
        var handle = new SafeFileHandle(context.ReadDescriptor(ref reader), ownsHandle: true);
        context.NoteOpened(handle);
        return handle;
    }
}

/// <summary>An end of a pipe, as a descriptor. The receiver owns its handle.</summary>
public readonly struct SafePipeHandleCodec : IIpcCodec<SafePipeHandle>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SafePipeHandle value, IpcWriteContext context)
        => context.WriteDescriptor(ref writer, value);

    /// <inheritdoc/>
    public static SafePipeHandle Read(ref MessagePackReader reader, IpcReadContext context)
    {
        var handle = new SafePipeHandle(context.ReadDescriptor(ref reader), ownsHandle: true);
        context.NoteOpened(handle);
        return handle;
    }
}

/// <summary>A socket, as a descriptor. The receiver owns its handle.</summary>
public readonly struct SafeSocketHandleCodec : IIpcCodec<SafeSocketHandle>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SafeSocketHandle value, IpcWriteContext context)
        => context.WriteDescriptor(ref writer, value);

    /// <inheritdoc/>
    public static SafeSocketHandle Read(ref MessagePackReader reader, IpcReadContext context)
    {
        var handle = new SafeSocketHandle(context.ReadDescriptor(ref reader), ownsHandle: true);
        context.NoteOpened(handle);
        return handle;
    }
}

/// <summary>A socket, as a descriptor. The receiver owns its object.</summary>
public readonly struct SocketCodec : IIpcCodec<Socket>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Socket value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.WriteDescriptor(ref writer, value.SafeHandle);
    }

    /// <inheritdoc/>
    public static Socket Read(ref MessagePackReader reader, IpcReadContext context)
    {
        SafeSocketHandle handle = SafeSocketHandleCodec.Read(ref reader, context);
        return new Socket(handle);
    }
}

/// <summary>
/// [descriptor, access, position, name]. The receiver owns the stream, which starts at the sender's position.
/// </summary>
public readonly struct FileStreamCodec : IIpcCodec<FileStream>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, FileStream value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);

        // The property flushes the stream's buffer.
        SafeFileHandle handle = value.SafeFileHandle;
        FileAccess access = (value.CanRead ? FileAccess.Read : 0) | (value.CanWrite ? FileAccess.Write : 0);
        ObjectDisposedException.ThrowIf(access == 0, value);
        writer.WriteArrayHeader(4);
        context.WriteDescriptor(ref writer, handle);
        writer.Write((byte)access);
        writer.Write(value.CanSeek ? value.Position : 0);
        writer.WriteStrict(value.Name);
    }

    /// <inheritdoc/>
    public static FileStream Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(FileStream), 4);
        SafeFileHandle handle = SafeFileHandleCodec.Read(ref reader, context);
        var access = (FileAccess)reader.ReadStrictByte();
        long position = reader.ReadStrictInt64();
        string? name = reader.ReadStrictString();
        if (access is < FileAccess.Read or > FileAccess.ReadWrite || position < 0 || name is null)
        {
            MessagePackErrors.ThrowMalformed(
                nameof(FileStream),
                $"access {(byte)access}, position {position} and {(name is null ? "no name" : "a name")}");
        }

        return new ReceivedFileStream(handle, access, position, name);
    }

    /// <summary>A stream over a received descriptor. It has the name that the sender knows.</summary>
    private sealed class ReceivedFileStream : FileStream
    {
        public ReceivedFileStream(SafeFileHandle handle, FileAccess access, long position, string name)
            : base(handle, access)
        {
            Name = name;
            if (CanSeek && Position != position)
            {
                Position = position;
            }
        }

        public override string Name { get; }
    }
}

/// <summary>An anonymous pipe's end, as [descriptor, direction]. The receiver owns its stream.</summary>
public readonly struct AnonymousPipeClientStreamCodec : IIpcCodec<AnonymousPipeClientStream>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, AnonymousPipeClientStream value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteArrayHeader(2);
        context.WriteDescriptor(ref writer, value.SafePipeHandle);
        writer.Write((byte)(value.CanRead ? PipeDirection.In : PipeDirection.Out));
    }

    /// <inheritdoc/>
    public static AnonymousPipeClientStream Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(AnonymousPipeClientStream), 2);
        SafePipeHandle handle = SafePipeHandleCodec.Read(ref reader, context);
        var direction = (PipeDirection)reader.ReadStrictByte();
        if (direction is not (PipeDirection.In or PipeDirection.Out))
        {
            MessagePackErrors.ThrowMalformed(nameof(AnonymousPipeClientStream), $"direction {(byte)direction}");
        }

        return new AnonymousPipeClientStream(direction, handle);
    }
}

/// <summary>
/// [descriptor, access]. The receiver owns the map. It covers the file with the length at the time of receiving.
/// </summary>
public readonly struct MemoryMappedFileCodec : IIpcCodec<MemoryMappedFile>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, MemoryMappedFile value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        SafeMemoryMappedFileHandle handle = value.SafeMemoryMappedFileHandle;
        writer.WriteArrayHeader(2);
        context.WriteDescriptor(ref writer, handle);
        writer.Write(
            (byte)(NativeDescriptors.IsReadOnly((int)handle.DangerousGetHandle())
                ? MemoryMappedFileAccess.Read
                : MemoryMappedFileAccess.ReadWrite));
    }

    /// <inheritdoc/>
    public static MemoryMappedFile Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(MemoryMappedFile), 2);
        SafeFileHandle handle = SafeFileHandleCodec.Read(ref reader, context);
        var access = (MemoryMappedFileAccess)reader.ReadStrictByte();
        if (access is not (MemoryMappedFileAccess.Read or MemoryMappedFileAccess.ReadWrite))
        {
            MessagePackErrors.ThrowMalformed(nameof(MemoryMappedFile), $"access {(byte)access}");
        }

        return MemoryMappedFile.CreateFromFile(
            handle, mapName: null, capacity: 0, access, HandleInheritability.None, leaveOpen: false);
    }
}

/// <summary>[descriptor, length]. The receiver's view is read-only.</summary>
public readonly struct SharedMemoryCodec : IIpcCodec<SharedMemory>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SharedMemory value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteArrayHeader(2);
        using SafeFileHandle readOnly = value.OpenForReading();
        context.WriteDescriptor(ref writer, readOnly.IsInvalid ? value.File : readOnly);
        writer.Write(value.Length);
    }

    /// <inheritdoc/>
    public static SharedMemory Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(SharedMemory), 2);
        SafeFileHandle file = SafeFileHandleCodec.Read(ref reader, context);
        var memory = SharedMemory.Open(file, reader.ReadStrictInt64());
        context.NoteOpened(memory);
        return memory;
    }
}
