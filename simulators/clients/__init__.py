"""Simulated clients of the e-card platform: app, kiosk, window, doctor's workstation, QR terminal.

Each speaks the core verbs through any wire profile, over real HTTP. They are the peers against which a platform is
tried and tested, and the README's way from nothing to a verified code.
"""
