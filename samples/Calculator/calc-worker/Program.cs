using Calc;
using Multiprocess;

if (IpcParent.TryServe<ICalculator>(args, connection => new Calculator(), out int exitCode))
{
    return exitCode;
}

Console.Error.WriteLine("This program is started by Calculator.Parent.");
return 1;
