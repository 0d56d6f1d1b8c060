using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Emitting;
using Multiprocess.Generator.Parsing;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>A fault of the generator costs the contract that provokes it, and says so.</summary>
public sealed class FailureTests
{
    private const string Source =
        "namespace Demo; [Multiprocess.IpcInterface] public interface IService { int Get(); }";

    [Test]
    public void Unexpected_exception_in_the_parser_is_an_error_that_names_the_contract()
    {
        var scope = Scope(out var type);

        var file = FileParser.Guard(
            "IService.g.cs", scope, type.Locations[0], () => throw new InvalidOperationException("first\nsecond"));

        var refusal = scope.Refusals.All.Single();
        Assert.That((refusal.Id, refusal.Location), Is.EqualTo(("MP0031", type.Locations[0])));
        Assert.That(
            refusal.GetMessage(),
            Does.StartWith("The generator failed at 'IService': InvalidOperationException: first second at "));
        Assert.That((file.Errors.Count, file.Contract), Is.EqualTo((1, (Model.ContractModel?)null)));
        Assert.That(FileEmitter.EmitErrors(file), Does.Contain("#error MP0031: The generator failed at 'IService'"));
    }

    [Test]
    public void Unexpected_exception_in_the_emitter_is_an_error_that_names_the_contract()
    {
        var scope = Scope(out var type);
        var file = FileParser.Parse(type, scope.Compilation, default);

        string code = FileEmitter.EmitGuarded(file, _ => throw new InvalidOperationException("broken"));

        Assert.That(
            code, Does.Contain("#error MP0031: The generator failed at 'IService': InvalidOperationException: broken"));
        Assert.That(FileEmitter.EmitGuarded(file, FileEmitter.Emit), Is.EqualTo(FileEmitter.Emit(file)));
    }

    [Test]
    public void Cancellation_is_no_failure()
    {
        var scope = Scope(out var type);

        Assert.That(
            () => FileParser.Guard(
                "IService.g.cs", scope, type.Locations[0], () => throw new OperationCanceledException()),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Long_chain_of_types_is_refused_before_the_stack_ends()
    {
        string types = string.Concat(
            Enumerable.Range(0, 2000).Select(
                i => $"public record R{i}(R{i + 1}? Next); ")) + "public record R2000(int A);";
        var compilation = GeneratorRun.Compile(
            "namespace Demo; "
                + types
                + "[Multiprocess.IpcInterface] public interface IService { void Take(R0 value); }");

        var generated = GeneratorRun.Generate(compilation);

        Assert.That(
            generated.Single().SourceText.ToString(),
            Does.Contain("#error MP0003: ").And.Contains("inside of too many other types"));
    }

    private static FileScope Scope(out INamedTypeSymbol type)
    {
        var compilation = GeneratorRun.Compile(Source);
        type = compilation.GetTypeByMetadataName("Demo.IService")!;
        return new FileScope(type, compilation.Assembly, compilation, default);
    }
}
