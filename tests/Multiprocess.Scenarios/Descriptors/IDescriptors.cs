using System.IO.MemoryMappedFiles;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Multiprocess.Scenarios.Descriptors;

/// <summary>A value with descriptors among its members.</summary>
public sealed record Parcel(string Label, FileStream File, List<SafeFileHandle> More, SharedMemory? Picture = null);

/// <summary>A value of which another version of the peer does not know the descriptor.</summary>
public struct Slot
{
    public int Number { get; set; }

    public SafeFileHandle? File { get; set; }
}

/// <summary>Files, sockets, pipes and memory in every place that a value may have.</summary>
[IpcInterface]
public interface IDescriptors
{
    /// <summary>Reads the file from its beginning, and disposes it.</summary>
    string ReadAll(SafeFileHandle file);

    /// <summary>Reads the file from its position, and disposes it.</summary>
    string ReadRest(FileStream file);

    string About(FileStream file);

    void Append(FileStream file, string text);

    FileStream Open(string content);

    FileStream? OpenNone();

    SafeFileHandle OpenHandle(string content);

    bool TryOpen(string content, out SafeFileHandle? file);

    void Replace(ref FileStream file, string content);

    Task<FileStream> OpenAsync(string content, CancellationToken cancellationToken = default);

    IAsyncEnumerable<FileStream> OpenMany(int count);

    string Ask(Func<string, FileStream> open);

    string Tell(Func<SafeFileHandle, string> read, string content);

    string Receive(Socket socket);

    SafeSocketHandle Greet(string greeting);

    string ReadPipe(SafePipeHandle pipe);

    AnonymousPipeClientStream Speak(string text);

    int SumOf(MemoryMappedFile map);

    MemoryMappedFile MapOf(byte[] bytes);

    int Sum(SharedMemory memory);

    SharedMemory Share(byte[] bytes, bool freeze);

    string Unpack(Parcel parcel);

    Parcel Pack(string label, int more);

    Slot Fill(Slot slot);

    int Count(List<SafeFileHandle?> files);

    string ReadAllOf(Dictionary<string, SafeFileHandle> files);

    [IpcOneWay]
    void Drop(SafeFileHandle file);

    /// <summary>Waits on this side, with whatever the call brought.</summary>
    void Hold(SafeFileHandle file, Action entered);
}

public sealed class Descriptors : IDescriptors
{
    /// <summary>A file without a name, with this content and its position at the beginning.</summary>
    public static FileStream Make(string content)
    {
        string path = Path.GetTempFileName();
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        File.Delete(path);
        file.Write(Encoding.UTF8.GetBytes(content));
        file.Position = 0;
        return file;
    }

    public static SafeFileHandle MakeHandle(string content)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        SafeFileHandle handle = File.OpenHandle(path);
        File.Delete(path);
        return handle;
    }

    public static string Read(SafeFileHandle file)
    {
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
    }

    public string ReadAll(SafeFileHandle file)
    {
        using (file)
        {
            return Read(file);
        }
    }

    public string ReadRest(FileStream file)
    {
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    public string About(FileStream file)
    {
        using (file)
        {
            return $"{Path.GetFileName(file.Name)} {file.CanRead} {file.CanWrite} {file.CanSeek} {file.Position}";
        }
    }

    public void Append(FileStream file, string text)
    {
        using (file)
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(Encoding.UTF8.GetBytes(text));
        }
    }

    public FileStream Open(string content) => Make(content);

    public FileStream? OpenNone() => null;

    public SafeFileHandle OpenHandle(string content) => MakeHandle(content);

    public bool TryOpen(string content, out SafeFileHandle? file)
    {
        file = content.Length == 0 ? null : MakeHandle(content);
        return file is not null;
    }

    public void Replace(ref FileStream file, string content)
    {
        file.Dispose();
        file = Make(content);
    }

    public async Task<FileStream> OpenAsync(string content, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return Make(content);
    }

    public async IAsyncEnumerable<FileStream> OpenMany(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return Make($"file {i}");
        }
    }

    public string Ask(Func<string, FileStream> open)
    {
        using FileStream file = open("asked");
        return ReadRest(file);
    }

    public string Tell(Func<SafeFileHandle, string> read, string content)
    {
        using SafeFileHandle file = MakeHandle(content);
        return read(file);
    }

    public string Receive(Socket socket)
    {
        using (socket)
        {
            byte[] bytes = new byte[100];
            int count = socket.Receive(bytes);
            socket.Send("thanks"u8);
            return Encoding.UTF8.GetString(bytes, 0, count);
        }
    }

    public SafeSocketHandle Greet(string greeting)
    {
        (Socket mine, Socket yours) = SocketPair();
        using (mine)
        {
            mine.Send(Encoding.UTF8.GetBytes(greeting));
        }

        return yours.SafeHandle;
    }

    public static (Socket First, Socket Second) SocketPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen(1);
        var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(listener.LocalEndPoint!);
        return (first, listener.Accept());
    }

    public string ReadPipe(SafePipeHandle pipe)
    {
        using var reader = new StreamReader(new AnonymousPipeClientStream(PipeDirection.In, pipe));
        return reader.ReadToEnd();
    }

    public AnonymousPipeClientStream Speak(string text)
    {
        using var server = new AnonymousPipeServerStream(PipeDirection.Out);
        server.Write(Encoding.UTF8.GetBytes(text));
        return new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
    }

    public int SumOf(MemoryMappedFile map)
    {
        using (map)
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor(0, 4, MemoryMappedFileAccess.Read))
        {
            return view.ReadByte(0) + view.ReadByte(1) + view.ReadByte(2) + view.ReadByte(3);
        }
    }

    public MemoryMappedFile MapOf(byte[] bytes)
    {
        FileStream file = Make("");
        file.Write(bytes);
        file.Flush();
        return MemoryMappedFile.CreateFromFile(
            file, null, bytes.Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
    }

    public int Sum(SharedMemory memory)
    {
        using (memory)
        {
            int sum = 0;
            foreach (byte each in memory.ReadOnlySpan)
            {
                sum += each;
            }

            return sum;
        }
    }

    public SharedMemory Share(byte[] bytes, bool freeze)
    {
        if (freeze)
        {
            return SharedMemory.Create(bytes);
        }

        var memory = SharedMemory.Create(bytes.Length);
        memory.Write(0, bytes);
        return memory;
    }

    public string Unpack(Parcel parcel)
    {
        string more = string.Join(",", parcel.More.Select(ReadAll));
        int sum = parcel.Picture is { } picture ? Sum(picture) : -1;
        return $"{parcel.Label}: {ReadRest(parcel.File)} [{more}] {sum}";
    }

    public Parcel Pack(string label, int more)
        => new(
            label,
            Make("first"),
            [.. Enumerable.Range(0, more).Select(i => MakeHandle($"more {i}"))],
            SharedMemory.Create([1, 2, 3]));

    public Slot Fill(Slot slot)
    {
        slot.File?.Dispose();
        return new Slot { Number = slot.Number + 1, File = MakeHandle("filled") };
    }

    public int Count(List<SafeFileHandle?> files)
    {
        int count = files.Count(file => file is not null);
        files.ForEach(file => file?.Dispose());
        return count;
    }

    public string ReadAllOf(Dictionary<string, SafeFileHandle> files)
        => string.Join(
            ", ",
            files.OrderBy(each => each.Key, StringComparer.Ordinal)
                .Select(each => $"{each.Key} {ReadAll(each.Value)}"));

    public void Drop(SafeFileHandle file) => file.Dispose();

    public void Hold(SafeFileHandle file, Action entered)
    {
        using (file)
        {
            entered();
        }
    }
}
