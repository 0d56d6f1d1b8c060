using System.ComponentModel;
using System.Diagnostics;

namespace Multiprocess.Tool.Schemas;

/// <summary>Runs Cap'n Proto's compiler.</summary>
internal static class CapnpCompiler
{
    /// <summary>The request that the compiler makes of a schema.</summary>
    /// <exception cref="InputException">The compiler is not installed, or refuses the schema.</exception>
    public static byte[] Compile(string file, IReadOnlyList<string> imports)
    {
        if (!File.Exists(file))
        {
            throw new InputException($"{IpcText.Escape(file)}: Expected a schema, got no file.");
        }

        string path = Path.GetFullPath(file);
        var start = new ProcessStartInfo("capnp")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(path)!,
        };
        start.Environment.Remove("PWD"); // The compiler warns where it is not the process's directory.
        string[] args =
        [
            "compile", "-o-", $"--src-prefix={Path.GetDirectoryName(path)}",
            .. imports.Select(folder => $"-I{Path.GetFullPath(folder)}"), path,
        ];
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        try
        {
            using Process process = Process.Start(start)!;
            Task<string> complaints = process.StandardError.ReadToEndAsync();
            using var request = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(request);
            process.WaitForExit();
            return process.ExitCode == 0
                ? request.ToArray()
                : throw new InputException($"capnp refused the schema:\n{complaints.Result.TrimEnd()}");
        }
        catch (Win32Exception exception)
        {
            throw new InputException(
                $"capnp: Expected Cap'n Proto's compiler, got an error: {exception.Message}. Install the package "
                    + "'capnproto'.");
        }
    }
}
