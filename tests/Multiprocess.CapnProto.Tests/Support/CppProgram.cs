using System.Diagnostics;
using System.Security.Cryptography;

namespace Multiprocess.CapnProto.Tests.Support;

/// <summary>
/// A test's program in C++ with its schema, built with Debian's libcapnp once for each version of its source.
/// </summary>
/// <param name="folder">The folder of the sources, beside the tests' assembly.</param>
/// <param name="name">The name of the program, of its source and of its schema.</param>
internal sealed class CppProgram(string folder, string name)
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    private readonly Lazy<string?> _program = new(() => Build(folder, name));

    /// <summary>Gives the program. Skips the test where it cannot be built.</summary>
    public string Require()
    {
        if (_program.Value is not { } program)
        {
            Assert.Ignore("g++, Debian's capnproto or its libcapnp-dev are not installed.");
            throw new UnreachableException();
        }

        return program;
    }

    /// <summary>Starts the program.</summary>
    public Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Require(), arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>Starts a server, and waits for its first line.</summary>
    public async Task<Process> StartServerAsync(params string[] arguments)
    {
        Process process = Start(arguments);
        Assert.That(await process.StandardOutput.ReadLineAsync().WaitAsync(s_bound), Is.EqualTo("listening"));
        return process;
    }

    private static string? Build(string folder, string name)
    {
        if (!IsInstalled("g++") || !IsInstalled("capnp") || !File.Exists("/usr/include/capnp/rpc-twoparty.h"))
        {
            return null;
        }

        string source = Path.Combine(AppContext.BaseDirectory, folder);
        byte[] content = [.. Directory.GetFiles(source).Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)];
        string built = Path.Combine(
            AppContext.BaseDirectory, "cpp", Convert.ToHexString(SHA256.HashData(content))[..16]);
        string program = Path.Combine(built, name);
        if (File.Exists(program))
        {
            return program;
        }

        Directory.CreateDirectory(built);
        Run("capnp", "compile", $"-oc++:{built}", $"--src-prefix={source}", Path.Combine(source, name + ".capnp"));

        // Under another name first: a run that is ended here leaves no half of a program.
        Run(
            "g++", "-std=c++17", "-O0", "-w", "-I", built, Path.Combine(source, name + ".c++"), "-o", program + ".new",
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
