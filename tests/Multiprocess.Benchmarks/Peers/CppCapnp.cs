using System.Diagnostics;
using System.Globalization;

namespace Multiprocess.Benchmarks.Peers;

/// <summary>The C++ library of Cap'n Proto: one process calls another one over a Unix socket.</summary>
internal sealed class CppCapnp : IDisposable
{
    private readonly Process _server;
    private readonly Process _client;

    private CppCapnp(string program, string path)
    {
        _server = Start(program, "server", path);
        _server.StandardOutput.ReadLine(); // It listens.
        _client = Start(program, "measure", path);
    }

    /// <summary>Builds and starts both programs; null where the library or a compiler is not installed.</summary>
    public static CppCapnp? TryStart(string folder)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Peer");
        string program = Path.Combine(folder, "peer");
        return File.Exists("/usr/include/capnp/rpc-twoparty.h")
            && Run("capnp", "compile", $"-oc++:{folder}", $"--src-prefix={source}", Path.Combine(source, "peer.capnp"))
            && Run(
                "g++", "-std=c++17", "-O2", "-w", "-I", folder, Path.Combine(source, "peer.c++"), "-o", program,
                "-lcapnp-rpc", "-lkj-async", "-lcapnp", "-lkj")
            ? new(program, Path.Combine(folder, "cpp.sock"))
            : null;
    }

    /// <summary>Microseconds of each of so many calls of two numbers.</summary>
    public double[] Call(int count)
    {
        _client.StandardInput.WriteLine(count.ToString(CultureInfo.InvariantCulture));
        _client.StandardInput.Flush();
        double[] taken = new double[count];
        for (int i = 0; i < count; i++)
        {
            taken[i] = double.Parse(_client.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        }

        return taken;
    }

    public void Dispose()
    {
        _client.StandardInput.Close();
        _server.StandardInput.Close();
        _client.WaitForExit();
        _server.WaitForExit();
        _client.Dispose();
        _server.Dispose();
    }

    private static Process Start(string program, params string[] arguments)
        => Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    // Where the program is not installed, there is nothing to compare with.
    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments);
            start.Environment.Remove("PWD"); // The compiler of schemas warns where it is not the process's directory.
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
