@echo off
rem The installed Relevo's command line. In a script the interpreter waits for a program with windows too, and has its exit code.
"%~dp0..\..\relevo.exe" --log-level=3 -- %*
exit /b %errorlevel%
