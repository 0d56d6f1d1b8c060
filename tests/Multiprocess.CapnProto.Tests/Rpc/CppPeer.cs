using System.Diagnostics;
using System.Security.Cryptography;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>The peer in C++, built with Debian's libcapnp once for each version of its source.</summary>
internal static class CppPeer
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    private static readonly Lazy<string?> s_program = new(Build);

    /// <summary>Gives the program. Skips the test where it cannot be built.</summary>
    public static string Require()
    {
        if (s_program.Value is not { } program)
        {
            Assert.Ignore("g++, Debian's capnproto or its libcapnp-dev are not installed.");
            throw new UnreachableException();
        }

        return program;
    }

    /// <summary>Starts a server or a client, and waits for the first line of a server.</summary>
    public static async Task<Process> StartAsync(string mode, string path)
    {
        var process = Process.Start(new ProcessStartInfo(Require(), [mode, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (mode == "server")
        {
            Assert.That(await process.StandardOutput.ReadLineAsync().WaitAsync(s_bound), Is.EqualTo("listening"));
        }

        return process;
    }

    private static string? Build()
    {
        if (!IsInstalled("g++") || !IsInstalled("capnp") || !File.Exists("/usr/include/capnp/rpc-twoparty.h"))
        {
            return null;
        }

        string source = Path.Combine(AppContext.BaseDirectory, "Peer");
        byte[] content = [.. Directory.GetFiles(source).Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)];
        string folder = Path.Combine(
            AppContext.BaseDirectory, "cpp", Convert.ToHexString(SHA256.HashData(content))[..16]);
        string program = Path.Combine(folder, "peer");
        if (File.Exists(program))
        {
            return program;
        }

        Directory.CreateDirectory(folder);
        Run("capnp", "compile", $"-oc++:{folder}", $"--src-prefix={source}", Path.Combine(source, "peer.capnp"));
        // Under another name first: a run that is ended here leaves no half of a program.
        Run(
            "g++", "-std=c++17", "-O0", "-w", "-I", folder, Path.Combine(source, "peer.c++"), "-o", program + ".new",
            "-lcapnp-rpc", "-lkj-async", "-lcapnp", "-lkj");
        File.Move(program + ".new", program, overwrite: true);
        return program;
    }

    private static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        start.Environment.Remove("PWD"); // The compiler of schemas warns where it is not the process's directory.
        using var process = Process.Start(start)!;
        string complaints = process.StandardError.ReadToEnd();
        process.WaitForExit(s_bound);
        Assert.That(process.ExitCode, Is.Zero, complaints);
    }
}
