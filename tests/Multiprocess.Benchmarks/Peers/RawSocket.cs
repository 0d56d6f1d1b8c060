using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Multiprocess.Benchmarks.Peers;

/// <summary>
/// The baseline: a Unix stream socket between the two processes, by the C library's blocking calls and nothing else.
/// </summary>
internal sealed unsafe class RawSocket : IDisposable
{
    // Keeps the descriptor; never used for an asynchronous operation, which would make it non-blocking.
    private readonly Socket _socket;
    private readonly int _descriptor;

    private RawSocket(Socket socket)
    {
        _socket = socket;
        _descriptor = (int)socket.Handle;
    }

    /// <summary>
    /// Makes a pair: <paramref name="invite"/> has the other process connect to the path that it is given.
    /// </summary>
    public static RawSocket Accept(Action<string> invite)
    {
        string directory = Directory.CreateTempSubdirectory("bench").FullName;
        try
        {
            string path = Path.Combine(directory, "raw");
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            invite(path);
            return new RawSocket(listener.Accept());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public static RawSocket Connect(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new RawSocket(socket);
    }

    /// <summary>Answers each message with itself on a thread of its own, until the other side closes.</summary>
    public void Answer(int messageBytes, bool allocate)
        => new Thread(() =>
        {
            using RawSocket socket = this;
            byte[] message = new byte[messageBytes];
            while (TryRead(message))
            {
                Write(message);
                if (allocate)
                {
                    message = GC.AllocateUninitializedArray<byte>(messageBytes);
                }
            }
        }) { IsBackground = true, Name = "raw" }.Start();

    /// <summary>Sends a message and waits for one as long as <paramref name="answer"/>.</summary>
    public void Exchange(byte[] message, byte[] answer)
    {
        Write(message);
        if (!TryRead(answer))
        {
            throw new EndOfStreamException("The raw peer is gone.");
        }
    }

    public void Dispose() => _socket.Dispose();

    private bool TryRead(byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                nint count = Check(Read(_descriptor, start + done, (nuint)(bytes.Length - done)));
                if (count == 0)
                {
                    return false;
                }

                done += (int)count;
            }
        }

        return true;
    }

    private void Write(byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                done += (int)Check(Write(_descriptor, start + done, (nuint)(bytes.Length - done)));
            }
        }
    }

    private static nint Check(nint result)
        => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint Read(int descriptor, byte* buffer, nuint length);

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    private static extern nint Write(int descriptor, byte* buffer, nuint length);
}
