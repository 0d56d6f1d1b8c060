using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>
/// Starts a child that connects back, for systems where a socket cannot be inherited. Uses only the base library.
/// </summary>
/// <remarks>
/// The child gets the path of a socket in a directory that only its user can enter, and on standard input a token of 32
/// random bytes, in hexadecimal, on one line. It connects and sends the token; after that, the stream is an ordinary
/// connection. Only one connection is accepted; then the socket and its directory are removed.
/// </remarks>
internal static class Rendezvous
{
    /// <summary>The argument that tells a child the socket to connect to.</summary>
    public const string PathArgument = "-ipcpath";

    private const int TokenBytes = 32;
    private static readonly TimeSpan s_lookUpEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Starts the child and waits until it has connected.</summary>
    /// <param name="launch">What to start.</param>
    /// <param name="limit">How long the child may take.</param>
    /// <param name="started">Receives the process as soon as it is started.</param>
    /// <exception cref="IpcException">
    /// The child could not be started, ended, or took too long, or another process connected.
    /// </exception>
    public static Transport Launch(ChildLaunch launch, TimeSpan limit, Action<ChildProcess> started)
    {
        string program = ProgramPath.Find(launch.Program);
        DirectoryInfo? directory = null;
        string path = string.Empty;
        try
        {
            directory = Directory.CreateTempSubdirectory("mp");
            path = Path.Combine(directory.FullName, "s");
            using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            byte[] token = RandomNumberGenerator.GetBytes(TokenBytes);
            ManagedChildProcess child = Start(program, launch, path, token);
            started(child);
            return Accept(listener, child, token, limit);
        }
        catch (Exception failure) when (
            failure is SocketException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            throw new IpcException(
                IpcErrorKind.SpawnFailed,
                $"Cannot start '{program}': its socket or its thread cannot be made: {failure.Message}",
                failure);
        }
        finally
        {
            if (directory is not null)
            {
                Remove(path, directory.FullName);
            }
        }
    }

    /// <summary>
    /// Deletes the two entries by name: listing the directory would need a descriptor, and there may be none.
    /// </summary>
    private static void Remove(string path, string directory)
    {
        try
        {
            File.Delete(path);
            Directory.Delete(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another process removed it, or it no longer belongs to this user; the child is already connected.
        }
    }

    /// <summary>Looks for <c>-ipcpath path</c>.</summary>
    /// <returns>The path, or null when this process was not started this way.</returns>
    /// <exception cref="IpcException">The path is missing.</exception>
    public static string? FindArgument(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == PathArgument)
            {
                return i + 1 < arguments.Count
                    ? arguments[i + 1]
                    : throw new IpcException(IpcErrorKind.SpawnFailed, $"Bad {PathArgument}: the path is missing.");
            }
        }

        return null;
    }

    /// <summary>The child's side: connects to its parent.</summary>
    /// <param name="path">The path that <see cref="FindArgument"/> found.</param>
    /// <param name="input">Where to read the token.</param>
    /// <param name="allows">Decides which parents are served.</param>
    /// <exception cref="IpcException">
    /// There is no token, nothing listens at the path, or the parent belongs to another user that is not allowed.
    /// </exception>
    public static Transport Connect(string path, Stream input, Func<IpcPeer, bool> allows)
    {
        byte[] token = ReadToken(input);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            IpcPeer peer = PeerOf(socket);
            if (OperatingSystem.IsLinux() && !allows(peer))
            {
                throw new IpcException(
                    IpcErrorKind.Refused,
                    $"Not serving the parent, process {peer.ProcessId}: it belongs to user {peer.UserId}, which is "
                        + "not allowed.");
            }

            _ = socket.Send(token);
            return new SocketTransport(
                socket, peer, string.Create(CultureInfo.InvariantCulture, $"parent process {peer.ProcessId}"));
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IpcException(
                IpcErrorKind.SpawnFailed, $"Cannot connect to the parent at '{path}': {failure.Message}.", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(token);
        }
    }

    private static ManagedChildProcess Start(string program, ChildLaunch launch, string path, byte[] token)
    {
        var start = new ProcessStartInfo(program, [.. launch.Arguments, PathArgument, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = launch.OutputLine is not null,
            RedirectStandardError = launch.ReadsErrors,
            WorkingDirectory = launch.WorkingDirectory ?? string.Empty,
        };
        foreach ((string name, string? value) in launch.Environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or DirectoryNotFoundException)
        {
            throw new IpcException(
                IpcErrorKind.SpawnFailed, $"Cannot start '{program}': executing it failed: {failure.Message}", failure);
        }

        try
        {
            ChildOutput? output = launch.OutputLine is { } take
                ? new ChildOutput(process.StandardOutput.BaseStream, new LineStream(take), 0)
                : null;
            ChildOutput? errors = launch.ReadsErrors
                ? new ChildOutput(process.StandardError.BaseStream, launch.OpenErrors(), launch.ErrorTailBytes)
                : null;
            GiveToken(process, token);
            return new ManagedChildProcess(process, program, output, errors);
        }
        catch
        {
            // Nothing will wait for the process.
            process.Kill();
            process.WaitForExit();
            process.StandardInput.BaseStream.Dispose();
            if (launch.OutputLine is not null)
            {
                process.StandardOutput.BaseStream.Dispose();
            }

            if (launch.ReadsErrors)
            {
                process.StandardError.BaseStream.Dispose();
            }

            process.Dispose();
            throw;
        }
    }

    private static void GiveToken(Process process, byte[] token)
    {
        try
        {
            using Stream input = process.StandardInput.BaseStream;
            input.Write(Encoding.ASCII.GetBytes(Convert.ToHexString(token) + "\n"));
        }
        catch (IOException)
        {
            // The child has already ended; waiting for its connection reports that.
        }
    }

    private static SocketTransport Accept(Socket listener, ManagedChildProcess child, byte[] token, TimeSpan limit)
    {
        long begin = Stopwatch.GetTimestamp();
        TimeSpan Rest() => limit == Timeout.InfiniteTimeSpan
            ? TimeSpan.MaxValue
            : limit - Stopwatch.GetElapsedTime(begin);
        while (!listener.Poll(s_lookUpEvery, SelectMode.SelectRead))
        {
            if (child.Exited.IsCompleted)
            {
                throw new IpcDisconnectedException("The child ended before it connected.");
            }

            if (Rest() <= TimeSpan.Zero)
            {
                throw new IpcTimeoutException($"The child did not connect within {limit.TotalMilliseconds:N0} ms.");
            }
        }

        Socket socket = listener.Accept();
        try
        {
            socket.ReceiveTimeout = (int)Math.Clamp(Rest().TotalMilliseconds, 1, int.MaxValue);
            byte[] shown = new byte[TokenBytes];
            for (int count = 0; count < shown.Length;)
            {
                int received = socket.Receive(shown, count, shown.Length - count, SocketFlags.None);
                count = received > 0
                    ? count + received
                    : throw new IpcDisconnectedException(
                        "The child closed its connection before it had shown its token.");
            }

            if (!CryptographicOperations.FixedTimeEquals(shown, token))
            {
                throw new IpcException(
                    IpcErrorKind.Refused,
                    "Connection of the child: Expected the token of this start, got another one.");
            }

            return new SocketTransport(
                socket,
                PeerOf(socket) with { ProcessId = child.Id },
                string.Create(CultureInfo.InvariantCulture, $"child process {child.Id}"));
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IpcTimeoutException(
                $"The child did not show its token within {limit.TotalMilliseconds:N0} ms.", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Byte by byte: anything after the line belongs to the program.
    private static byte[] ReadToken(Stream input)
    {
        byte[] digits = new byte[2 * TokenBytes];
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = input.ReadByte();
            digits[i] = digit is >= 0 and < 0x80 && char.IsAsciiHexDigit((char)digit) ? (byte)digit : throw BadToken();
        }

        byte[] token = input.ReadByte() is '\n'
            ? Convert.FromHexString(Encoding.ASCII.GetString(digits))
            : throw BadToken();
        CryptographicOperations.ZeroMemory(digits);
        return token;
    }

    private static IpcException BadToken()
        => new(
            IpcErrorKind.SpawnFailed,
            $"Bad {PathArgument}: standard input does not begin with a line of {2 * TokenBytes} hexadecimal digits.");

    private static IpcPeer PeerOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return PeerCredentials.Unknown;
        }

        using NativeHandle handle = new((int)socket.SafeHandle.DangerousGetHandle(), ownsHandle: false);
        return PeerCredentials.Of(handle);
    }
}
