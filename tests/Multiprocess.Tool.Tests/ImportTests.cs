namespace Multiprocess.Tool.Tests;

/// <summary><c>import</c>, which runs Cap'n Proto's compiler.</summary>
[CancelAfter(120_000)]
public sealed class ImportTests
{
    // The tests of Cap'n Proto compile the result, and call it.
    private static readonly string s_folder = Path.Combine(
        AppContext.BaseDirectory, "../../../../Multiprocess.CapnProto.Tests/Contracts");

    private static readonly string s_assembly = Path.GetFullPath(Path.Combine(
        s_folder, "../bin", Path.GetFileName(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."))), "net10.0",
        "Multiprocess.CapnProto.Tests.dll"));

    private static readonly string s_schema = Path.Combine(s_folder, "imported.capnp");

    [SetUp]
    public void RequireCompiler()
    {
        bool isInstalled = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "capnp")));
        if (!isInstalled)
        {
            Assert.Ignore("Debian's capnproto is not installed.");
        }
    }

    [Test]
    public void Contracts_are_written_as_reviewed()
    {
        string expected = Path.Combine(s_folder, "Imported.cs");

        string written = ToolRun.Done(
            "import", s_schema, "--namespace", "Multiprocess.CapnProto.Tests.Contracts.Imported").Output;
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(expected, written);
        }

        Assert.That(written, Is.EqualTo(File.ReadAllText(expected)));
    }

    [Test]
    public void Namespace_is_the_schemas_name_unless_one_is_given()
    {
        string folder = Directory.CreateTempSubdirectory("mpt").FullName;
        string file = Path.Combine(folder, "Out.cs");

        ToolRun.Done("import", s_schema, file);

        Assert.That(File.ReadAllText(file), Does.Contain("\nnamespace Imported;\n"));
        Assert.That(
            ToolRun.Done("import", s_schema, "--json").Value["contracts"]!.GetValue<string>(),
            Is.EqualTo(File.ReadAllText(file)));
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Contracts_fit_their_schema()
    {
        ToolRun fits = ToolRun.Done("check", s_assembly, "--capnp", s_schema);

        Assert.That(fits.Lines, Is.EqualTo(new[]
        {
            "differs: IDepot: expected 'rest' @8, got none",
        }));
    }

    [TestCase("b :Int32) -> (quotient", "b :Int64) -> (quotient", "IPlain.Divide, parameters of 'divide'")]
    [TestCase("isThere @0 :Bool = true", "isThere @0 :Bool", "IDepot.Find, results of 'find'")]
    [TestCase("parts @6 :List(Item)", "parts @6 :List(Text)", "IDepot.Count, parameters of 'count'")]
    [TestCase("one @2 :Int32", "one @2 :UInt32", "IDepot.Choose, parameters of 'choose' @9, in ")]
    [TestCase("    depth :union {", "    depth :group {", "IDepot.Choose, parameters of 'choose' @9")]
    [TestCase("named @8 :Text;", "named @8 :Data;", "IDepot.Choose, parameters of 'choose' @9")]
    [TestCase("x @14 :Int16;\n    y @15 :Int16;", "y @14 :Int16;", "IDepot.Choose, parameters of 'choose' @9")]
    [TestCase("  ping @0 () -> ();", "", "IBase.Ping: expected an ordinal below 0")]
    [TestCase("  destroy @1 (context", "  end @1 (context", "IDepot: expected 'destroy' at ordinal 1, got 'end'")]
    public void Difference_from_the_schema_is_told(string before, string after, string difference)
    {
        string folder = Directory.CreateTempSubdirectory("mpt").FullName;
        string file = Path.Combine(folder, "imported.capnp");
        File.Copy(Path.Combine(s_folder, "conventions.capnp"), Path.Combine(folder, "conventions.capnp"));
        string text = File.ReadAllText(s_schema);
        Assert.That(text, Does.Contain(before));
        File.WriteAllText(file, text.Replace(before, after, StringComparison.Ordinal));

        ToolRun checkedOne = ToolRun.Of("check", s_assembly, "--capnp", file);

        Assert.That(checkedOne.Code, Is.EqualTo(1), checkedOne.Errors);
        Assert.That(checkedOne.Output, Does.Contain("breaks: " + difference));
        Directory.Delete(folder, recursive: true);
    }

    [TestCase("y @15 :Int16;\n  }", "y @15 :Int16;\n  }\n  more @16 :Text;", "expected Text^2, got none")]
    [TestCase("    depth :union {", "    more @16 :Text;\n    depth :union {",
        "expected the case 7 of Union@0, got none; receiving it is an error")]
    [TestCase("    isThere @0 :Bool = true;", "    union {\n      isThere @0 :Bool = true;\n      b @1 :Text;\n    }",
        "expected Union@1")]
    [TestCase("struct Forms {", "struct Forms {\n  more @10 :Int64;", "expected Int64@")]
    public void What_a_later_schema_has_breaks_nothing(string before, string after, string difference)
    {
        string folder = Directory.CreateTempSubdirectory("mpt").FullName;
        string file = Path.Combine(folder, "imported.capnp");
        File.Copy(Path.Combine(s_folder, "conventions.capnp"), Path.Combine(folder, "conventions.capnp"));
        string text = File.ReadAllText(s_schema);
        Assert.That(text, Does.Contain(before));
        File.WriteAllText(file, text.Replace(before, after, StringComparison.Ordinal));

        ToolRun checkedOne = ToolRun.Done("check", s_assembly, "--capnp", file);

        Assert.That(checkedOne.Lines, Has.None.StartsWith("breaks"));
        Assert.That(checkedOne.Lines, Has.Some.StartsWith("differs").And.Some.Contains(difference));
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Capnps_own_schemas_are_imported_whole_and_fit()
    {
        if (!File.Exists("/usr/include/capnp/schema.capnp"))
        {
            Assert.Ignore("Debian's libcapnp-dev is not installed.");
        }

        string schema = Path.Combine(s_folder, "real.capnp");

        string written = ToolRun.Done("import", schema).Output;
        ToolRun checkedOne = ToolRun.Done("check", s_assembly, "--capnp", schema);

        Assert.That(written, Does.Contain("public abstract record Node\n").And.Not.Contain("a contract cannot have"));

        // A later version of the schemas has more than the contracts that Real.cs has of them.
        Assert.That(checkedOne.Lines.Where(line => line.Length > 0), Is.All.StartWith("differs"));
    }

    [Test]
    public void Contracts_without_attributes_fit_the_schema_that_is_written_for_them()
    {
        string folder = Directory.CreateTempSubdirectory("mpt").FullName;
        string file = Path.Combine(folder, "ordinary.capnp");

        ToolRun.Done("capnp", s_assembly, file);
        ToolRun fits = ToolRun.Done("check", s_assembly, "--capnp", file);

        Assert.That(File.ReadAllText(file), Does.Contain("interface Ordinary @0x"));
        Assert.That(fits.Lines, Has.None.StartsWith("breaks"));
        Assert.That(fits.Lines, Has.None.Contains("Ordinary"), "The schema has no method that the contract lacks.");

        // The comparison would find a difference.
        File.WriteAllText(file, File.ReadAllText(file).Replace("a :Int32, b :Int32", "a :Int32, b :Int64"));
        Assert.That(
            ToolRun.Of("check", s_assembly, "--capnp", file).Output,
            Does.Contain("breaks: IOrdinary.Add, parameters of"));
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Assembly_without_such_contracts_is_refused()
        => Assert.That(
            ToolRun.Of(
                "check", Path.Combine(AppContext.BaseDirectory, "multiprocess-tool-server.dll"), "--capnp", s_schema)
                .Errors,
            Does.Contain("has no contracts for Cap'n Proto"));

    [Test]
    public void Schema_that_the_compiler_refuses_is_refused_with_its_words()
    {
        string folder = Directory.CreateTempSubdirectory("mpt").FullName;
        string file = Path.Combine(folder, "bad.capnp");
        File.WriteAllText(file, "@0xd8f7c6b5a4938272;\nstruct A { b @1 :Int32; }\n");

        ToolRun refused = ToolRun.Of("import", file);

        Assert.That(refused.Code, Is.EqualTo(2));
        Assert.That(refused.Errors, Does.Contain("Skipped ordinal @0"));
        Assert.That(ToolRun.Of("import", Path.Combine(folder, "none.capnp")).Errors, Does.Contain("got no file"));
        Directory.Delete(folder, recursive: true);
    }
}
