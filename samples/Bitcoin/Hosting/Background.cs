using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Bitcoin.Hosting;

/// <summary>
/// A program that runs in the background: -daemon, -daemonwait. A process of .NET cannot fork, so the program starts
/// itself again, in a session of its own and without a terminal. The first process ends when the second one says so.
/// </summary>
/// <remarks>
/// The second process has pipes to the first one until <see cref="Detach"/>. What it prints until then, the first
/// process prints. Its own children do not inherit the pipes, so that nobody waits for the end of them.
/// </remarks>
public sealed partial class Background
{
    private const string Variable = "MULTIPROCESS_BACKGROUND";
    private const byte Detached = 0;
    private const int ReadAndWrite = 2;
    private const int DuplicateAndClose = 1030;

    private readonly FileStream _output;
    private readonly StreamWriter _errors;

    private Background(SafeFileHandle output, SafeFileHandle errors)
    {
        _output = new FileStream(output, FileAccess.Write, bufferSize: 0);
        _errors = new StreamWriter(new FileStream(errors, FileAccess.Write, bufferSize: 0)) { AutoFlush = true };
    }

    /// <summary>Whether programs can run in the background on this operating system.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>In the first process: starts the second one, and waits until it detaches or ends.</summary>
    /// <param name="args">The arguments of this process.</param>
    /// <returns>The exit code: zero if the second process runs.</returns>
    /// <exception cref="HostException">The program cannot be started.</exception>
    public static int Start(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        string program = Environment.ProcessPath ?? throw new HostException("The path of this program is unknown.");
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[Variable] = "1";
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        try
        {
            using Process process = Process.Start(start)
                ?? throw new HostException($"{program} could not be started.");
            process.StandardInput.Close();
            Task errors = process.StandardError.BaseStream.CopyToAsync(Console.OpenStandardError());
            if (Relay(process.StandardOutput.BaseStream, Console.OpenStandardOutput()))
            {
                return 0;
            }

            process.WaitForExit();
            errors.Wait();
            return process.ExitCode;
        }
        catch (Win32Exception exception)
        {
            throw new HostException($"{program} could not be started: {exception.Message}", exception);
        }
    }

    /// <summary>In the second process: leaves the terminal. Called first in a program.</summary>
    /// <returns>Null in the first process.</returns>
    public static Background? Join()
    {
        if (!IsSupported || Environment.GetEnvironmentVariable(Variable) is null)
        {
            return null;
        }

        // Children of this process are not in the background of anybody.
        Environment.SetEnvironmentVariable(Variable, null);
        SafeFileHandle output = Keep(1);
        SafeFileHandle errors = Keep(2);
        int nothing = Open("/dev/null", ReadAndWrite);
        for (int standard = 0; standard <= 2; standard++)
        {
            _ = Duplicate(nothing, standard);
        }

        _ = Close(nothing);
        _ = NewSession();
        Background background = new(output, errors);
        Console.SetError(background._errors);
        return background;
    }

    /// <summary>Lets the first process end with success. What is printed from now on is lost.</summary>
    public void Detach()
    {
        Console.SetError(TextWriter.Null);
        try
        {
            _output.WriteByte(Detached);
            _errors.Dispose();
            _output.Dispose();
        }
        catch (IOException)
        {
            // The first process was killed. This one goes on.
        }
    }

    /// <summary>Copies until the mark of the detached process.</summary>
    /// <returns>False if the end came first.</returns>
    private static bool Relay(Stream from, Stream to)
    {
        byte[] buffer = new byte[4096];
        for (int count; (count = from.Read(buffer)) > 0;)
        {
            int end = Array.IndexOf(buffer, Detached, 0, count);
            to.Write(buffer, 0, end < 0 ? count : end);
            if (end >= 0)
            {
                return true;
            }
        }

        return false;
    }

    // With the flag that closes it in children.
    private static SafeFileHandle Keep(int descriptor)
        => new(Control(descriptor, DuplicateAndClose, 3), ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);
}
