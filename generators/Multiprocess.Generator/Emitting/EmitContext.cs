using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>The state that the emitters of one file share: the output, and how it names types of the runtime.</summary>
internal sealed class EmitContext(FileModel file)
{
    /// <summary>
    /// Attributes of generated types: a debugger steps over their code. The types are file-local, so editors do not
    /// offer them.
    /// </summary>
    private const string Attributes = """
        [global::System.CodeDom.Compiler.GeneratedCode("Multiprocess.Generator", "0.1.0")]
        [global::System.Diagnostics.DebuggerNonUserCode]
        """;

    public CodeWriter Code { get; } = new();

    /// <summary>The file that is being written.</summary>
    public FileModel File => file;

    /// <summary>Opens a file-local type.</summary>
    /// <param name="declaration">The declaration after the word <c>file</c>.</param>
    public void OpenType(string declaration)
    {
        Code.Write(Attributes);
        if (file.UsesObsolete)
        {
            Code.Write(
                "[global::System.Obsolete] // A carried type is obsolete: the compiler warns where the user names it, "
                    + "not here.");
        }

        Code.Open("file " + declaration);
    }

    /// <summary>A runtime type as this file writes it.</summary>
    public string Runtime(string name) => RuntimeNames.Write(name, file.QualifyRuntimeNames);

    /// <summary>Opens the method that registers the contents of the file.</summary>
    public void OpenRegister()
    {
        Code.Write("/// <summary>Registers the code of this file, before other code of the assembly runs.</summary>");
        Code.Write("[global::System.Runtime.CompilerServices.ModuleInitializer]");
        Code.Open("internal static void Register()");
    }

    public static string Hex(uint id) => "0x" + id.ToString("X8", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A string as a C# literal.</summary>
    public static string Literal(string text)
        => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);
}
